// The command `twcbridge monitor`: a running bridge as its broker shows it.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "config/config.hpp"

namespace bridge {

struct MonitorOptions {
    config::Mqtt mqtt;
    std::map<std::string, std::string> names;  ///< of chargers, by key as in topics
    bool once = false;                         ///< one page on standard output
};

/// The bridge of this configuration.
MonitorOptions monitor_of(const config::Config&);
/// A bridge with the base topic "twcbridge" at mqtt://host[:port] or mqtts://host[:port]; nothing if the url
/// is none of these.
std::optional<MonitorOptions> monitor_at(const std::string& url);

/// Shows the bridge until q, SIGINT, SIGTERM or SIGHUP; returns 0. With `once` it prints how things stand and
/// returns 0, or 1 after a sentence when there is no broker or no bridge within some seconds. Without a
/// terminal only `once` is possible: returns 64.
int monitor(const MonitorOptions&);

}  // namespace bridge
