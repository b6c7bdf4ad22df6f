// Bad input is logged once and then summed up per minute, so that a flood of it cannot flood the log.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "twc/time.hpp"

namespace bridge {

class Complaints {
  public:
    /// Counts one occurrence of `about` (a topic, a kind of frame error). Returns the sentence when it is to
    /// be logged now.
    std::optional<std::string> report(const std::string& about, const std::string& sentence,
                                      twc::TimePoint now) {
        // Names come from outside: what is new after so many is told as one kind.
        if (!seen_.contains(about) && seen_.size() >= most_kinds) forget(now);
        const bool has_place = seen_.contains(about) || seen_.size() < most_kinds;
        const auto [found, is_new] = seen_.try_emplace(has_place ? about : others, Seen{now, 0});
        if (is_new) return sentence;
        auto& seen = found->second;
        ++seen.since_logged;
        if (now - seen.logged < std::chrono::minutes{1}) return std::nullopt;
        auto summed =
            sentence + " (" + std::to_string(seen.since_logged) + " times since it was last logged)";
        seen = {now, 0};
        return summed;
    }

  private:
    static constexpr std::size_t most_kinds = 200;
    static constexpr const char* others = "others";
    struct Seen {
        twc::TimePoint logged;
        std::uint64_t since_logged = 0;
    };
    /// Kinds that were not heard of for long make room.
    void forget(twc::TimePoint now) {
        std::erase_if(seen_,
                      [&](const auto& kind) { return now - kind.second.logged >= std::chrono::hours{1}; });
    }

    std::map<std::string, Seen> seen_;
};

}  // namespace bridge
