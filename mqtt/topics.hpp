// Every topic of the bridge, in one place.
#pragma once

#include <string>
#include <string_view>

namespace broker {

/// Builds the topics below one base topic.
class Topics {
  public:
    explicit Topics(std::string base) : base_{std::move(base)} {}

    [[nodiscard]] const std::string& base() const { return base_; }
    /// "<base>/mode"
    [[nodiscard]] std::string site(std::string_view leaf) const;
    /// "<base>/charger/5893/limit"; `key` is the charger's lower-case id.
    [[nodiscard]] std::string charger(std::string_view key, std::string_view leaf) const;
    /// The Will's topic.
    [[nodiscard]] std::string status() const { return site("status"); }
    /// The wildcards and topics that carry commands: "<base>/+/set" and "<base>/charger/+/+/set".
    [[nodiscard]] std::string site_commands() const { return base_ + "/+/set"; }
    [[nodiscard]] std::string charger_commands() const { return base_ + "/charger/+/+/set"; }

  private:
    std::string base_;
};

}  // namespace broker
