// Commands from the house: clamped to the configuration, stored, then echoed.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "bridge/core/bridge.hpp"

namespace bridge {

namespace {

constexpr std::size_t longest_quote = 200;

/// JSON text of any bytes, so that a refusal can always be told.
std::string error_document(const broker::Inbound& message, const broker::Reason& reason) {
    const nlohmann::json document{
        {"topic", message.topic}, {"payload", message.payload.substr(0, longest_quote)}, {"reason", reason}};
    return document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string state_topic(const std::string& command_topic) {
    return command_topic.substr(0, command_topic.size() - std::string_view{"/set"}.size());
}

}  // namespace

void Bridge::handle_command(const broker::Inbound& message, twc::TimePoint now) {
    if (message.retained) {
        complain("retained " + message.topic,
                 message.topic + ": a stored command is dropped; publish it without retain", now);
        return;
    }
    const auto command = broker::parse_command(topics_, message.topic, message.payload);
    if (!command) {
        refuse(message, command.error(), now);
        return;
    }
    const auto before = settings_;
    if (const auto clamped = apply(*command))
        refuse(message, *clamped, now);
    else
        spdlog::info("{}: {}", message.topic, message.payload);
    const auto topic = state_topic(message.topic);
    if (settings_ == before) {
        // Told again, unless what is stored is still older than what holds.
        if (settings_ == saved_)
            projection_.resend(topic);
        else
            echoes_.insert(topic);
        return;
    }
    echoes_.insert(topic);
    commanded_ = save_due_ = replan_due_ = site_dirty_ = true;
}

void Bridge::refuse(const broker::Inbound& message, const broker::Reason& reason, twc::TimePoint now) {
    complain(message.topic, message.topic + ": " + reason, now);
    projection_.set({topics_.site("error"), error_document(message, reason), false});
    projection_.resend(state_topic(message.topic));
}

std::optional<broker::Reason> Bridge::apply(const broker::Command& command) {
    const auto charger_of = [&](const std::string& key) -> Charger* {
        const auto found =
            std::ranges::find(chargers_, key, [](const auto& charger) { return charger->key(); });
        return found == chargers_.end() ? nullptr : found->get();
    };
    const auto at_most = [](twc::Centiamps wanted, const Ceiling& ceiling) -> std::optional<broker::Reason> {
        if (wanted <= ceiling.amps) return std::nullopt;
        return "above " + std::string{ceiling.name} + ": set to " + twc::to_sentence(ceiling.amps);
    };
    const auto with = [&](const std::string& key, auto&& change) -> std::optional<broker::Reason> {
        auto* charger = charger_of(key);
        if (charger == nullptr) return "there is no charger \"" + key + "\"";
        const std::optional<broker::Reason> remark = change(*charger);
        dirty_.insert(charger);
        return remark;
    };
    struct Visitor {
        decltype(at_most)& clamp;
        decltype(with)& of;
        Bridge& bridge;
        using Remark = std::optional<broker::Reason>;

        Remark operator()(const broker::SetMode& set) const {
            bridge.settings_.mode = set.mode;
            return {};
        }
        Remark operator()(const broker::SetGridReserve& set) const {
            bridge.settings_.grid_reserve = set.reserve;
            return {};
        }
        Remark operator()(const broker::SetTotalLimit& set) const {
            const Ceiling ceiling{bridge.config_.wiring_max_all, "wiringMaxAmpsAllTWCs"};
            bridge.settings_.total_limit = std::min(set.limit, ceiling.amps);
            return clamp(set.limit, ceiling);
        }
        Remark operator()(const broker::SetChargerLimit& set) const {
            return of(set.key, [&](Charger& charger) {
                charger.settings.limit = std::min(set.limit, charger.hard_ceiling().amps);
                return clamp(set.limit, charger.hard_ceiling());
            });
        }
        Remark operator()(const broker::SetCharge& set) const {
            return of(set.key, [&](Charger& charger) {
                charger.settings.charge = set.allowed;
                return Remark{};
            });
        }
        Remark operator()(const broker::SetChargerMode& set) const {
            return of(set.key, [&](Charger& charger) {
                charger.settings.mode = set.mode;
                return Remark{};
            });
        }
        Remark operator()(const broker::SetPriority& set) const {
            return of(set.key, [&](Charger& charger) {
                charger.settings.priority = set.priority;
                return Remark{};
            });
        }
    };
    return std::visit(Visitor{at_most, with, *this}, command);
}

}  // namespace bridge
