// The zone database of the C library as a Calendar.
#include "bridge/zone.hpp"

#include <cstdlib>
#include <ctime>

namespace bridge {

Calendar calendar_of(const std::optional<std::string>& zone) {
    if (zone) ::setenv("TZ", zone->c_str(), 1);  // NOLINT(concurrency-mt-unsafe): no thread yet
    ::tzset();
    return Calendar{[](Moment moment) {
        const std::time_t seconds = moment.time_since_epoch().count();
        std::tm civil{};
        ::localtime_r(&seconds, &civil);
        return std::chrono::seconds{civil.tm_gmtoff};
    }};
}

}  // namespace bridge
