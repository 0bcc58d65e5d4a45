// Shapes in recorded messages: where values stand, where descriptions and candidates are, which words mean
// what in the names that apps give to things; and the draft that is made of them. For learn*.cc alone.
#pragma once

#include "bots/signaling/dialect/learn.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace turnout {

// A place in the arguments of a message, and in the element of a list there.
struct LearnedSpot {
  std::size_t argument = 0;
  std::vector<std::string> steps;

  LearnedSpot below(const std::string& step) const;
  std::string text() const;  // as a dialect's path
};

struct LearnedLeaf {  // a text, number or boolean
  LearnedSpot spot;
  std::string key;  // the last name on the way there
  JsonValue value;
};
std::vector<LearnedLeaf> leavesOf(const std::vector<JsonValue>& arguments);

// Where a value is: at a path, or in the elements of a list or the keys of a map.
struct LearnedPlace {
  std::string each;  // empty: no list
  std::string path;
  std::string user;  // beside it, if something there looks like a name
};
std::optional<LearnedPlace> placeOf(const std::vector<JsonValue>& arguments,
                                    const std::string& json);

struct LearnedMedia {
  enum class Kind { kOffer, kAnswer, kDescription, kCandidate, kEnd };  // kDescription: either
  Kind kind = Kind::kDescription;
  LearnedSpot spot;
  bool is_bare = false;  // SDP, or the text of a candidate; else an object
  bool is_json = false;  // a JSON text of that object

  bool isDescription() const { return kind < Kind::kCandidate; }
};
std::optional<LearnedMedia> mediaIn(const RecordedMessage& message);

// A JSON template of a value: media are variables, other leaves are what `name` makes of them (a JSON
// text), or as they were.
using LearnedNaming = std::function<std::optional<std::string>(const LearnedLeaf&)>;
std::string templateOf(const JsonValue& value, const LearnedSpot& spot, const LearnedNaming& name);

// Whom the page's descriptions go to, as JSON: a value in them that the app names, too. "": nobody is named.
// `inputs`: values as JSON that the page brought along, and the variables they are.
std::string targetOf(const RecordedSession& session,
                     const std::map<std::string, std::string>& inputs);

// What names sound like: a word of the table, or "" if they sound like none.
enum class LearnedWords {
  kSteps,    // what a page wants: the words of steps, "repeat", and "none" for what is no step
  kHeard,    // what an app says: the words of meanings and refusals
  kValues,   // "room", "user", "callee", "secret"
  kTargets,  // of whom a message is for
  kOffers,   // of a boolean that says who offers
};
std::string_view wordOf(std::string_view name, LearnedWords words);
bool isRefusal(std::string_view word);  // of kHeard
std::string plainWord(std::string_view name);

// What is known so far.

struct DraftRule {
  std::string on{};
  std::vector<std::pair<std::string, std::string>> when{};  // paths and JSON
  std::string means{}, refusal{}, each{}, peer{}, user{}, offers{}, description{}, candidate{},
      signal{}, type{}, reason{};
  std::vector<std::pair<std::string, std::string>> take{};

  std::string text() const;  // as a rule of a dialect
};

// How the app writes descriptions and candidates that come in one kind of message.
struct HeardMedia {
  std::string description, candidate, peer, type;
  bool is_bare = false;
};

struct Draft {
  enum class Mode { kRoom, kCall, kMatch };
  // Values by name, in the order in which they were met.
  template <class T>
  using Named = std::vector<std::pair<std::string, T>>;

  RecordedSession transport;  // the first session
  bool has_transport = false;
  Mode mode = Mode::kRoom;
  Named<std::string> variables;              // JSON
  Named<std::vector<std::string>> steps;     // messages; an acknowledgement is "@STEP EVENT@"
  std::map<std::string, std::string> asked;  // rules of acknowledgements, by "STEP EVENT"
  Named<std::string> send;
  std::vector<DraftRule> rules;  // one that means "@media" stands for those of heard_media
  Named<HeardMedia> heard_media;
  std::string heartbeat;  // JSON; empty: none
  bool trickles = false, has_sdp_candidates = false;
  std::map<std::string, std::string>
      handshake;  // values of query and auth, and the variables they are
  std::vector<std::string> notes;

  void guess(const std::string& note);
};
Draft::Mode modeOf(const RecordedSession& session);

// The part that was not recorded is guessed after the one that was.
LearnedDialect finished(Draft draft, const std::string& name);

// "{"a":1}" with the spaces that a person puts there.
std::string spaced(std::string_view json);

}  // namespace turnout
