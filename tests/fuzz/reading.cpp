// Promise: a payload and a JSON pointer give a number within the range, or a reason in printable ASCII of one
// line. Without a digit there is no number, and a plain number is itself, with and without a pointer.
#include <cstdlib>
#include <string>
#include <string_view>

#include "config/syntax.hpp"
#include "mqtt/values.hpp"
#include "tests/fuzz/input.hpp"

namespace {

std::string text_of(const fuzz::Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

/// Pointers are checked before they are used, as the configuration does.
std::optional<std::string> pointer_from(fuzz::Input& input) {
    auto pointer = text_of(input.bytes(input.byte() % 32U));
    if (!config::is_json_pointer(pointer)) return std::nullopt;
    return pointer;
}

void check(const twc::Expected<std::int64_t, broker::Reason>& reading, std::string_view payload) {
    if (reading) {
        fuzz::require(std::llabs(*reading) <= std::int64_t{broker::most_watts} * 1000, "within the range");
        fuzz::require(payload.find_first_of("0123456789") != std::string_view::npos,
                      "no number without digits");
        return;
    }
    fuzz::require(!reading.error().empty() && reading.error().find('\n') == std::string::npos,
                  "a reason is one line");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input{data, size};
    config::Input reading{"topic", pointer_from(input), 1};
    const auto kind = input.byte();
    if (kind % 4 == 0) reading.factor = -1000;
    const int number = input.word() - 32'768;
    // Oversize and deep ones too.
    const std::size_t times = kind % 16 == 1 ? input.word() : 1;
    const auto part = text_of(input.bytes(size));
    std::string payload;
    for (std::size_t time = 0; time < times && payload.size() < 70'000; ++time) payload += part;
    check(broker::parse_reading(payload, reading), payload);
    reading.json_pointer.reset();
    check(broker::parse_reading(payload, reading), payload);

    reading.factor = 1;
    const auto plain = std::to_string(number);
    for (const auto& pointer : {std::optional<std::string>{}, std::optional<std::string>{""}}) {
        reading.json_pointer = pointer;
        const auto itself = broker::parse_reading(plain, reading);
        fuzz::require(itself && *itself == std::int64_t{number} * 1000, "a number is itself");
    }
    return 0;
}
