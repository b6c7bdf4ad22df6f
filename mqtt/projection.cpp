// The broker's view of us is a projection: remembers what each topic says and yields only what differs.
#include "mqtt/projection.hpp"

#include <utility>

namespace broker {

constexpr std::size_t most_passing = 1000;

void Projection::set(Publication publication) {
    if (!publication.retain) {
        if (passing_.size() == most_passing) passing_.pop_front();
        passing_.push_back(std::move(publication));
        return;
    }
    const auto [place, is_new] = index_.try_emplace(publication.topic, entries_.size());
    if (is_new) {
        entries_.push_back({std::move(publication.topic), std::move(publication.payload), false});
    } else {
        auto& entry = entries_[place->second];
        if (entry.payload == publication.payload) return;
        entry.payload = std::move(publication.payload);
        if (entry.withdrawn) return;
    }
    due_.insert(place->second);
}

void Projection::clear(const std::string& topic) { set({.topic = topic, .payload = {}, .retain = true}); }

const std::string* Projection::find(const std::string& topic) const {
    const auto place = index_.find(topic);
    if (place == index_.end()) return nullptr;
    const auto& payload = entries_[place->second].payload;
    return payload.empty() ? nullptr : &payload;
}

void Projection::resend_all() {
    for (std::size_t index = 0; index < entries_.size(); ++index) {
        if (!entries_[index].withdrawn) due_.insert(index);
    }
    passing_.clear();
}

bool Projection::withdraw(const std::string& topic) {
    const auto place = index_.find(topic);
    if (place == index_.end()) return false;
    auto& entry = entries_[place->second];
    if (entry.withdrawn || entry.payload.empty()) return false;
    entry.withdrawn = true;
    due_.erase(place->second);
    return true;
}

void Projection::reinstate() {
    for (std::size_t index = 0; index < entries_.size(); ++index) {
        if (std::exchange(entries_[index].withdrawn, false)) due_.insert(index);
    }
}

void Projection::resend(const std::string& topic) {
    if (const auto place = index_.find(topic); place != index_.end()) due_.insert(place->second);
}

std::optional<Publication> Projection::poll() {
    if (!online_) return std::nullopt;
    if (!due_.empty()) {
        const auto& entry = entries_[due_.extract(due_.begin()).value()];
        return Publication{.topic = entry.topic, .payload = entry.payload, .retain = true};
    }
    if (passing_.empty()) return std::nullopt;
    auto publication = std::move(passing_.front());
    passing_.pop_front();
    return publication;
}

}  // namespace broker
