#include "orchestrator/report/words.h"
#include "orchestrator/results/fold/figures.h"

namespace turnout {

const char* toString(MediaFate fate) {
  switch (fate) {
    case MediaFate::kKept:
      return "kept";
    case MediaFate::kDegraded:
      return "degraded";
    case MediaFate::kDropped:
      break;
  }
  return "dropped";
}

std::string directionText(const FlowKey& flow) {
  return std::to_string(flow.from) + "-" + std::to_string(flow.to);
}

std::string troubleText(const MediaTrouble& trouble) {
  const std::string flow = wayText(trouble.flow);
  switch (trouble.sign) {
    case MediaTrouble::Sign::kSilent:
      return "no " + flow + " for the last " + millisecondsText(trouble.figure);
    case MediaTrouble::Sign::kLoss:
      return percentText(trouble.figure) + " of the " + flow + " lost";
    case MediaTrouble::Sign::kGap:
      break;
  }
  return "no " + flow + " for " + millisecondsText(trouble.figure);
}

std::string mediaSentence(const Cell& cell) {
  const FateTally& fates = cell.fates;
  if (fates.all() == 0)
    return "";
  std::string text = "media: " + std::to_string(fates.kept) + " of " +
                     countText(fates.all(), "connected call") + " kept";
  if (fates.degraded > 0)
    text += ", " + std::to_string(fates.degraded) + " degraded";
  if (fates.dropped > 0)
    text += ", " + std::to_string(fates.dropped) + " dropped";
  if (cell.worst_trouble)
    text += "; worst: call " + std::to_string(cell.worst_trouble->call) + ", " +
            troubleText(cell.worst_trouble->trouble);
  return text;
}

}  // namespace turnout
