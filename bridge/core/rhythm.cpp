#include "bridge/core/rhythm.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace bridge {

using namespace std::chrono_literals;

namespace {

constexpr twc::Duration quick = 2s;
constexpr twc::Duration slow = 10s;

}  // namespace

void Rhythm::set(const std::string& name, std::int64_t value, std::int64_t band, std::string payload,
                 broker::Projection& projection, twc::TimePoint now) {
    const auto [place, is_new] = topics_.try_emplace(name);
    auto& topic = place->second;
    topic.waiting.reset();
    if (!is_new && value == topic.told) return;
    const auto worth_telling = std::max(band, std::abs(topic.told) / 100);
    const auto due = topic.told_at + (std::abs(value - topic.told) >= worth_telling ? quick : slow);
    if (!is_new && now < due) {
        topic.waiting = Waiting{value, std::move(payload), due};
        return;
    }
    topic.told = value;
    topic.told_at = now;
    projection.set({name, std::move(payload), true});
}

void Rhythm::handle_timeout(broker::Projection& projection, twc::TimePoint now) {
    for (auto& [name, topic] : topics_) {
        if (!topic.waiting || now < topic.waiting->due) continue;
        topic.told = topic.waiting->value;
        topic.told_at = now;
        projection.set({name, std::move(topic.waiting->payload), true});
        topic.waiting.reset();
    }
}

}  // namespace bridge
