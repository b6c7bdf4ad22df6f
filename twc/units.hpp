// Integers that know what they count: no float and no bare int takes part in a decision.
#pragma once

#include <compare>
#include <concepts>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

namespace twc {

/// A whole number of one unit. Construction is explicit, mixing units does not compile.
template <class Unit>
class Quantity {
  public:
    constexpr Quantity() = default;
    template <class Integer>
        requires std::same_as<Integer, int> || std::same_as<Integer, std::int64_t> ||
                 std::same_as<Integer, std::uint32_t> || std::same_as<Integer, std::uint16_t> ||
                 std::same_as<Integer, std::uint8_t>
    explicit constexpr Quantity(Integer count) : count_{count} {}

    [[nodiscard]] constexpr std::int64_t count() const { return count_; }

    constexpr auto operator<=>(const Quantity&) const = default;
    constexpr Quantity operator-() const { return Quantity{-count_}; }
    constexpr Quantity& operator+=(Quantity other) {
        count_ += other.count_;
        return *this;
    }
    constexpr Quantity& operator-=(Quantity other) {
        count_ -= other.count_;
        return *this;
    }
    friend constexpr Quantity operator+(Quantity a, Quantity b) { return a += b; }
    friend constexpr Quantity operator-(Quantity a, Quantity b) { return a -= b; }
    friend constexpr Quantity operator*(Quantity a, std::int64_t factor) {
        return Quantity{a.count_ * factor};
    }
    /// Rounds towards zero, as integer division does.
    friend constexpr Quantity operator/(Quantity a, std::int64_t divisor) {
        return Quantity{a.count_ / divisor};
    }

  private:
    std::int64_t count_ = 0;
};

using Centiamps = Quantity<struct CentiampsUnit>;          ///< 0.01 A, the unit of the bus
using Volts = Quantity<struct VoltsUnit>;                  ///< 1 V
using Watts = Quantity<struct WattsUnit>;                  ///< 1 W
using KilowattHours = Quantity<struct KilowattHoursUnit>;  ///< 1 kWh, the resolution of a unit's own counter

inline namespace literals {
consteval Centiamps operator""_A(unsigned long long amps) {
    return Centiamps{static_cast<std::int64_t>(amps) * 100};
}
consteval Centiamps operator""_cA(unsigned long long centiamps) {
    return Centiamps{static_cast<std::int64_t>(centiamps)};
}
consteval Watts operator""_W(unsigned long long watts) { return Watts{static_cast<std::int64_t>(watts)}; }
consteval Volts operator""_V(unsigned long long volts) { return Volts{static_cast<std::int64_t>(volts)}; }
}  // namespace literals

/// "15.90", as topics carry it; with shortest true "15.9" and "16".
std::string to_text(Centiamps, bool shortest = false);
/// "15.9 A", as log lines and reasons carry it.
std::string to_sentence(Centiamps);

/// Two bytes that name a unit on the bus (docs/protocol.md 4).
class TwcId {
  public:
    constexpr TwcId() = default;
    explicit constexpr TwcId(std::uint16_t value) : value_{value} {}

    [[nodiscard]] constexpr std::uint16_t value() const { return value_; }
    /// Four lower-case hex digits, as in topics.
    [[nodiscard]] std::string text() const;
    /// Exactly four hex digits of either case, else nothing.
    static std::optional<TwcId> parse(std::string_view);

    constexpr auto operator<=>(const TwcId&) const = default;

  private:
    std::uint16_t value_ = 0;
};

/// Protocol generation, told by the length of the first linkready: 14 bytes or 16 (docs/protocol.md 2).
enum class Protocol : std::uint8_t { v1 = 1, v2 = 2 };

/// The least limit under which a car charges reliably: 5 A on protocol 1, 6 A on protocol 2 (docs/protocol.md
/// 3).
constexpr Centiamps floor_of(Protocol protocol) {
    return protocol == Protocol::v1 ? Centiamps{500} : Centiamps{600};
}

template <class Unit>
std::ostream& operator<<(std::ostream& out, Quantity<Unit> quantity) {
    return out << quantity.count();
}
std::ostream& operator<<(std::ostream& out, TwcId id);

}  // namespace twc
