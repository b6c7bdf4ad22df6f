// Commands from the house: read, handed on, and echoed once they are stored.
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "bridge/core/bridge.hpp"
#include "mqtt/values.hpp"

namespace bridge {

namespace {

constexpr std::size_t longest_quote = 200;  // also of a topic: ours are shorter

/// JSON text of any bytes, so that a refusal can always be told.
std::string error_document(const broker::Inbound& message, const broker::Reason& reason) {
    const nlohmann::json document{{"topic", message.topic.substr(0, longest_quote)},
                                  {"payload", message.payload.substr(0, longest_quote)},
                                  {"reason", reason}};
    return document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string state_topic(const std::string& command_topic) {
    return command_topic.substr(0, command_topic.size() - std::string_view{"/set"}.size());
}

}  // namespace

void Bridge::handle_command(const broker::Inbound& message, twc::TimePoint now) {
    if (message.retained)
        return complain_of("retained ", message, "a stored command is dropped; publish it without retain",
                           now);
    const auto command = broker::parse_command(topics_, message.topic, message.payload);
    if (!command) {
        refuse(message, command.error(), now);
        return;
    }
    const auto obeyed = controller_.handle_command(*command);
    if (obeyed.remark)
        explain("changed ", message, *obeyed.remark, now);
    else if (obeyed.changed)
        tell_command(message, now);
    const auto topic = state_topic(message.topic);
    // Told again, unless what is stored is still older than what holds.
    if (!obeyed.changed && settings() == saved_)
        projection_.resend(topic);
    else
        echoes_.insert(topic);
}

void Bridge::tell_command(const broker::Inbound& message, twc::TimePoint now) {
    if (!command_lines_.has(now)) {
        ++commands_untold_;
        return;
    }
    command_lines_.take(now);
    spdlog::info("{}: {}", message.topic, broker::in_quotes(message.payload));
}

void Bridge::tell_more_commands(twc::TimePoint now) {
    if (commands_untold_ == 0 || !command_lines_.has(now)) return;
    command_lines_.take(now);
    spdlog::info("{} more commands have changed something", std::exchange(commands_untold_, 0));
}

void Bridge::refuse(const broker::Inbound& message, const broker::Reason& reason, twc::TimePoint now) {
    explain("refused ", message, reason, now);
    projection_.resend(state_topic(message.topic));
}

/// `what` was done with the command: each is logged by itself. There is no end to the topics that are none of
/// ours, so that they are one kind.
void Bridge::complain_of(std::string_view what, const broker::Inbound& message, const broker::Reason& reason,
                         twc::TimePoint now) {
    const bool is_ours = projection_.find(state_topic(message.topic)) != nullptr;
    const auto sentence = broker::for_log(message.topic) + ": " + reason;
    if (is_ours)
        complain(complaints_, std::string{what} + message.topic, sentence, now);
    else
        complain(strangers_, "commands", sentence, now);
}

void Bridge::explain(std::string_view what, const broker::Inbound& message, const broker::Reason& reason,
                     twc::TimePoint now) {
    complain_of(what, message, reason, now);
    projection_.set({topics_.site("error"), error_document(message, reason), false});
}

}  // namespace bridge
