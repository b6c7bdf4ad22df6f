// Rules that can play a day: our own control code, and models of others to compare it with.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bridge/backtest/plant.hpp"
#include "bridge/core/cosim.hpp"
#include "config/config.hpp"

namespace backtest {

/// Hears a second, answers with an offer for each charger of it. Keeps its state between the calls.
using Rule = std::function<std::vector<bridge::CosimOffer>(const bridge::Second&)>;

/// The configuration with what follows from the site in place of its own: limits, phases, inputs. One bus if
/// it has none.
config::Config fitted(config::Config, const SiteSpec&);

/// The code of the service.
Rule our_rule(const config::Config&);

/// One more car starts when the surplus carried it for 60 s, one stops when its minimum lacked sun for 180 s.
/// In all else as good as can be: knows how a car's draw follows from its limit, gives tenths of an ampere.
Rule fixed_timers(const SiteSpec&);

/// As TWCManager with a minimum of 6 A: every 30 s whole amperes of what the last meter value and the draw of
/// now make; starts at once, stops after 60 s. For one car.
Rule like_twcmanager(const SiteSpec&);

/// As evcc in its mode pv with the usual delays: every 30 s whole amperes; starts after a minute with enough
/// surplus, stops after three minutes of import. For one car.
Rule like_evcc(const SiteSpec&);

struct NamedRule {
    std::string name;
    Rule rule;
};
/// Those to compare ours with on this site.
std::vector<NamedRule> other_rules(const SiteSpec&);

}  // namespace backtest
