#include "bridge/core/announcer.hpp"

#include <algorithm>
#include <ranges>

#include "mqtt/discovery.hpp"
#include "mqtt/values.hpp"

namespace bridge {

using namespace std::chrono_literals;

namespace {

// Home Assistant wants 2 s between versions of a document, and between a removal and what comes in its place.
constexpr twc::Duration pause = 3s;
// Whoever leaves announcements there in our name decides how many, and the projection forgets none of them.
// Our own are far fewer, and shorter.
constexpr std::size_t most_cleared = 1000;
constexpr std::size_t longest_cleared = 256;

}  // namespace

std::vector<std::string> Announcer::topics_of(const std::string& identifier) const {
    if (settings_.discovery == config::Discovery::off) return {};
    return {settings_.prefix + "/device/" + identifier + "/config",
            settings_.prefix + "/+/" + identifier + "/+/config"};
}

bool Announcer::is_announcement(const std::string& topic) const {
    return topic.starts_with(settings_.prefix + '/') && topic.ends_with("/config");
}

Announcer::Step* Announcer::last_step(const std::string& topic) {
    auto newest_first = std::views::reverse(steps_);
    const auto found =
        std::ranges::find_if(newest_first, [&](const Step& step) { return step.publication.topic == topic; });
    return found == newest_first.end() ? nullptr : &*found;
}

void Announcer::say(broker::Publication publication, broker::Projection& projection, twc::TimePoint now) {
    said_[publication.topic] = now;
    projection.set(std::move(publication));
}

void Announcer::announce(broker::Publication publication, broker::Projection& projection,
                         twc::TimePoint now) {
    if (auto* step = last_step(publication.topic)) {
        step->publication = std::move(publication);
        return;
    }
    const auto* before = projection.find(publication.topic);
    if (before != nullptr && *before == publication.payload) return;
    const auto said = said_.find(publication.topic);
    if (said != said_.end() && now - said->second < pause) {
        steps_.push_back({said->second + pause, std::move(publication)});
    } else {
        say(std::move(publication), projection, now);
    }
}

std::optional<std::string> Announcer::handle(const broker::Inbound& message, broker::Projection& projection,
                                             twc::TimePoint now) {
    if (message.payload.empty()) {
        if (message.retained || !projection.withdraw(message.topic)) return std::nullopt;
        return broker::for_log(message.topic) +
               ": deleted by somebody, perhaps in Home Assistant; announced again when one of us starts";
    }
    if (!message.retained) return std::nullopt;  // our own words come back
    const auto* step = last_step(message.topic);
    const auto* announced = step != nullptr ? &step->publication.payload : projection.find(message.topic);
    if (announced == nullptr) {
        if (message.topic.size() > longest_cleared ||
            (cleared_.size() >= most_cleared && !cleared_.contains(message.topic)))
            return broker::for_log(message.topic) + ": announced by somebody else, and left alone";
        cleared_.insert(message.topic);
        projection.clear(message.topic);
        renew_at_ = now + pause;
        return broker::for_log(message.topic) +
               ": announced by an earlier run and not wanted any more: cleared";
    }
    auto farewell = broker::with_tombstones(*announced, message.payload);
    if (!farewell) return std::nullopt;
    broker::Publication without{message.topic, *announced, true};
    std::erase_if(steps_, [&](const Step& other) { return other.publication.topic == message.topic; });
    steps_.push_back({now + pause, {message.topic, std::move(*farewell), true}});
    steps_.push_back({now + 2 * pause, std::move(without)});
    return broker::for_log(message.topic) + ": holds entities that are not wanted any more: removing them";
}

void Announcer::handle_timeout(broker::Projection& projection, twc::TimePoint now) {
    const auto due = [&](const Step& step) { return step.due <= now; };
    for (auto& step : steps_) {
        if (due(step)) say(std::move(step.publication), projection, now);
    }
    std::erase_if(steps_, due);
    if (renew_at_ && *renew_at_ <= now) {
        renew_at_.reset();
        resend_all(projection, now);
    }
}

void Announcer::resend_all(broker::Projection& projection, twc::TimePoint now) {
    projection.resend_all();
    for (auto& [topic, when] : said_) when = now;
    std::map<std::string, twc::TimePoint> next;
    for (auto& step : steps_) {
        const auto earliest = next.try_emplace(step.publication.topic, now + pause).first;
        step.due = std::max(step.due, earliest->second);
        earliest->second = step.due + pause;
    }
}

std::optional<twc::TimePoint> Announcer::next_deadline() const {
    auto deadline = renew_at_;
    for (const auto& step : steps_) deadline = std::min(deadline.value_or(step.due), step.due);
    return deadline;
}

}  // namespace bridge
