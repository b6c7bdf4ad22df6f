// What Home Assistant would say to our discovery messages, and where we are stricter with ourselves.
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "mqtt/publication.hpp"

namespace broker {

/// The tables of facts about Home Assistant: tests/vectors/ha_rules.json.
const nlohmann::json& rules();

/// Checks messages in the order they would be published. Remembers what has to be unique or published before.
class DiscoveryValidator {
  public:
    DiscoveryValidator(std::string prefix, std::string base)
        : prefix_{std::move(prefix)}, base_{std::move(base)} {}

    void check(const Publication& message);
    /// One sentence per violation, headed by a word for its rule: "class: …".
    [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }

  private:
    using json = nlohmann::json;

    void complain(const std::string& rule, const std::string& about);
    void check_device_document(const std::string& object_id, const json& document);
    void check_single(const std::string& platform, const std::string& node_id, const std::string& key,
                      json component);
    void check_device(const json& device);
    void check_origin(const json& origin);
    void check_component(const std::string& key, const json& component, const json& device);
    void check_identity(const json& component, const std::string& platform);
    void check_name(const json& component, const json& device);
    void check_looks(const json& component, const std::string& platform);
    void check_switches(const json& component, const std::string& platform);
    void check_topics(const json& component);
    void check_availability(const json& component);
    void check_classes(const json& component, const std::string& platform);
    void check_sensor(const json& component);
    void check_binary(const json& component, const std::string& platform);
    void check_text(const nlohmann::json& component);
    void check_number(const json& component);
    void check_words(const json& component, const std::string& list);
    bool is_topic(const json& value);

    std::string prefix_;
    std::string base_;
    std::string where_;
    std::vector<std::string> complaints_;
    std::set<std::string> topics_;
    std::set<std::string> devices_;  // identifiers
    std::set<std::string> unique_ids_;
    std::set<std::string> entity_ids_;
    std::set<std::string> state_topics_;
    std::set<std::string> command_topics_;
    std::set<std::string> names_;  // "device/name"
};

}  // namespace broker
