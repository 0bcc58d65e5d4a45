#include "bots/protocol/step_message.h"

namespace turnout {

void writeStep(JsonWriter& out, const Step& step) {
  out.beginObject();
  writeEnum(out, "kind", step.kind);
  writeEnum(out, "after", step.after);
  writeEnum(out, "of", step.drop_of);
  writeEnum(out, "direction", step.direction);
  writeEnum(out, "cut", step.cut);
  out.field("delay_ms", std::int64_t{step.delay.count()})
      .field("for_ms", std::int64_t{step.lasting.count()})
      .field("away_ms", std::int64_t{step.away.count()})
      .field("percent", step.loss_percent)
      .field("times", step.times)
      .field("every_ms", std::int64_t{step.every.count()})
      .field("address", step.address)
      .field("share", step.share);
  if (step.bot)
    out.field("bot", *step.bot);
  out.endObject();
}

Step readStep(const JsonValue& in) {
  Step step{.kind = enumOf<StepKind>(in.get("kind")),
            .after = enumOf<StepTrigger>(in.get("after")),
            .delay = milliseconds(in.integerOr("delay_ms", 0)),
            .away = milliseconds(in.integerOr("away_ms", 0)),
            .drop_of = enumOf<DropOf>(in.get("of")),
            .lasting = milliseconds(in.integerOr("for_ms", 0)),
            .loss_percent = in.numberOr("percent", 0),
            .direction = enumOf<LossDirection>(in.get("direction")),
            .times = intOf(in.get("times")),
            .every = milliseconds(in.integerOr("every_ms", 0)),
            .cut = enumOf<SocketCut>(in.get("cut")),
            .address = in.stringOr("address", ""),
            .bot = {},
            .share = in.numberOr("share", 1)};
  if (const auto bot = in.get("bot").asInteger())
    step.bot = static_cast<int>(*bot);
  return step;
}

}  // namespace turnout
