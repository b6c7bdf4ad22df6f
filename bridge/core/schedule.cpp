// Which windows of a schedule are open, and what they say for one charger.
#include "bridge/core/schedule.hpp"

#include <algorithm>
#include <iterator>

namespace bridge {

using std::chrono::days;
using std::chrono::floor;

namespace {

bool is_open(const config::Window& window, const Calendar& calendar, Moment now) {
    const auto today = floor<days>(calendar.civil(now));
    // Tomorrow too: where clocks are put back at midnight it has begun before.
    for (const auto day : {today - days{1}, today, today + days{1}}) {
        if (!window.days.at(std::chrono::weekday{day}.iso_encoding() - 1)) continue;
        const auto last_day = window.to > window.from ? day : day + days{1};
        if (calendar.moment(day + window.from) <= now && now < calendar.moment(last_day + window.to))
            return true;
    }
    return false;
}

bool concerns(const config::Window& window, std::string_view key, std::string_view name) {
    if (!window.charger || *window.charger == name) return true;
    const auto same = [](char wanted, char letter) {
        return letter == (wanted >= 'A' && wanted <= 'Z' ? static_cast<char>(wanted - 'A' + 'a') : wanted);
    };
    return std::ranges::equal(*window.charger, key, same);
}

}  // namespace

std::vector<config::Window> open_windows(const std::vector<config::Window>& schedule,
                                         const Calendar& calendar, Moment now) {
    std::vector<config::Window> open;
    std::ranges::copy_if(schedule, std::back_inserter(open),
                         [&](const auto& window) { return is_open(window, calendar, now); });
    return open;
}

Scheduled scheduled_for(const std::vector<config::Window>& open, std::string_view key,
                        std::string_view name) {
    Scheduled scheduled;
    for (const auto& window : open) {
        if (!concerns(window, key, name)) continue;
        if (window.mode && !scheduled.mode) {
            scheduled.mode = window.mode;
            scheduled.until = window.to % std::chrono::minutes{24 * 60};
        }
        if (window.limit) scheduled.limit = std::min(*window.limit, scheduled.limit.value_or(*window.limit));
    }
    return scheduled;
}

}  // namespace bridge
