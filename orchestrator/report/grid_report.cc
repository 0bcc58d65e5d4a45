#include "orchestrator/report/grid_report.h"

#include "orchestrator/report/json_parts.h"
#include "orchestrator/report/writers.h"
#include "orchestrator/results/fold/figures.h"
#include "orchestrator/results/fold/network_mix.h"

#include <algorithm>
#include <functional>

namespace turnout {
namespace {

using Align = Table::Align;

// "d 89 ms", "r 140 ms", "no"; with a mark and the prediction where it went otherwise.
std::string gridCellText(const GridCell& cell) {
  if (cell.finished() == 0)
    return "-";
  std::string text = cell.connected == 0 ? "no"
                     : cell.relayed == 0 ? "d"
                     : cell.direct == 0  ? "r"
                                         : "dr";
  if (const auto median = cell.connect_ms.percentile(50))
    text += " " + millisecondsText(*median);
  if (cell.isMixed())
    text =
        std::to_string(cell.connected) + "/" + std::to_string(cell.finished()) + " " + text + " ?";
  if (cell.isAsPredicted() == false)
    text += std::string(" ! ") + toString(cell.predicted);
  return text;
}

std::string gridCountsText(const NetworkGrid& grid) {
  const int told = grid.told(), all = static_cast<int>(grid.cells.size());
  std::string text = std::to_string(grid.asPredicted()) + " of " + countText(told, "cell") +
                     " as predicted, " + std::to_string(grid.mixed()) + " mixed";
  if (told < all)
    text += "; of " + std::to_string(all - told) + " more no call finished";
  return text;
}

// "the lab, 16 places: 214 findings of the check before the calls, all as predicted"
std::string checkText(const RunFacts& run) {
  if (!run.lab)
    return "";
  return "; the lab's check before the calls, of " + countText(run.lab->places, "place") + ": " +
         std::to_string(run.lab->findings) + " findings, all as predicted";
}

// "a population of 45 % port_restricted, 20 % symmetric, ...", the largest share first.
std::string populationText(const Networks& networks) {
  std::vector<std::size_t> order;
  for (std::size_t site = 0; site < networks.mix.size(); ++site)
    if (networks.mix[site] > 0)
      order.push_back(site);
  std::ranges::stable_sort(order, std::ranges::greater(),
                           [&](std::size_t site) { return networks.mix[site]; });
  std::string text = "two people of a population with";
  for (std::size_t i = 0; i < order.size(); ++i)
    text += (i == 0 ? " " : ", ") + percentText(networks.mix[order[i]]) + " " +
            networks.sites[order[i]].name;
  return text;
}

std::string mixText(const Summary& summary, std::size_t columns) {
  const auto rates = mixedRates(*summary.grid);
  if (rates.empty())
    return "";
  Table table({{Align::kLeft, 24}, {Align::kRight}, {}, {Align::kRight}});
  table.add({"arm", "connect", "95 % sure", "predicted"});
  for (std::size_t arm = 0; arm < rates.size(); ++arm)
    if (const auto& rate = rates[arm])
      table.add({summary.cells[arm].arm, percentText(rate->rate), intervalText(rate->interval),
                 percentText(rate->predicted)});
    else
      table.add({summary.cells[arm].arm, "-", "-", "-"});
  return "\n" + wrapped(populationText(summary.grid->networks), columns, kIndent, kIndent) +
         table.text(2 * kIndent, columns);
}

void writeMix(JsonWriter& json, const Summary& summary) {
  const auto rates = mixedRates(*summary.grid);
  if (rates.empty())
    return;
  json.key("mix").beginArray();
  for (std::size_t arm = 0; arm < rates.size(); ++arm) {
    json.beginObject().field("turn", summary.cells[arm].arm);
    if (const auto& rate = rates[arm]) {
      writeField(json, "success_rate", rate->rate, 6);
      writeInterval(json, "success_rate_ci95", rate->interval);
      writeField(json, "predicted", rate->predicted, 6);
    }
    json.endObject();
  }
  json.endArray();
}

}  // namespace

std::string gridText(const Summary& summary, std::size_t columns) {
  if (!summary.grid)
    return "";
  const NetworkGrid& grid = *summary.grid;
  std::vector<Table::Column> layout{{Align::kLeft, 44}};
  std::vector<std::string> row{"sites"};
  for (const Cell& arm : summary.cells) {
    layout.push_back({Align::kRight});
    row.push_back(arm.arm);
  }
  Table table(std::move(layout));
  table.add(row);
  for (std::size_t pair = 0; pair < grid.networks.pairs.size(); ++pair) {
    row = {grid.networks.nameOf(grid.networks.pairs[pair])};
    for (std::size_t arm = 0; arm < grid.arms; ++arm)
      row.push_back(gridCellText(grid.at(arm, pair)));
    table.add(row);
  }
  return "\n  networks: connected (d direct, r relayed, dr some of each) in the median time, or "
         "not\n" +
         table.text(2 * kIndent, columns) +
         wrapped(gridCountsText(grid) + " (! not as predicted, and what was; ? mixed)" +
                     checkText(summary.run),
                 columns, 2 * kIndent) +
         mixText(summary, columns);
}

void writeGrid(JsonWriter& json, const Summary& summary) {
  if (!summary.grid)
    return;
  const NetworkGrid& grid = *summary.grid;
  json.key("networks").beginObject();
  if (const auto& lab = summary.run.lab) {
    json.key("check").beginObject().field("places", lab->places).field("findings", lab->findings);
    json.field("up_ms", lab->up_ms).field("check_ms", lab->check_ms).endObject();
  }
  json.field("cells_told", grid.told()).field("cells_as_predicted", grid.asPredicted());
  json.field("cells_mixed", grid.mixed()).key("cells").beginArray();
  for (const GridCell& cell : grid.cells) {
    const SitePair& pair = grid.networks.pairs[cell.pair];
    JsonWriter one;  // in a line of its own
    one.beginObject().field("turn", summary.cells[cell.arm].arm);
    one.key("sites").beginArray();
    for (const std::size_t site : {pair.one, pair.other})
      one.string(grid.networks.sites[site].name);
    one.endArray().field("predicted", toString(cell.predicted));
    one.field("connected", cell.connected).field("failed", cell.failed);
    one.field("aborted", cell.aborted).field("direct", cell.direct).field("relayed", cell.relayed);
    writeField(one, "connect_p50_ms", cell.connect_ms.percentile(50));
    if (const auto as_predicted = cell.isAsPredicted())
      one.field("as_predicted", *as_predicted);
    json.raw(one.endObject().take());
  }
  json.endArray();
  writeMix(json, summary);
  json.endObject();
}

}  // namespace turnout
