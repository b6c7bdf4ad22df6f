// The part of std::expected that we use, until the toolchains have C++23.
#pragma once

#include <utility>
#include <variant>

namespace twc {

template <class E>
struct Unexpected {
    E error;
};
template <class E>
Unexpected(E) -> Unexpected<E>;

/// A value, or the reason why there is none.
template <class T, class E>
class [[nodiscard]] Expected {
  public:
    Expected(T value) : content_{std::in_place_index<0>, std::move(value)} {}
    Expected(Unexpected<E> failure) : content_{std::in_place_index<1>, std::move(failure.error)} {}

    [[nodiscard]] bool has_value() const { return content_.index() == 0; }
    explicit operator bool() const { return has_value(); }
    /// Only with has_value(); otherwise throws std::bad_variant_access.
    [[nodiscard]] const T& value() const { return std::get<0>(content_); }
    [[nodiscard]] T& value() { return std::get<0>(content_); }
    const T& operator*() const { return value(); }
    T& operator*() { return value(); }
    const T* operator->() const { return &value(); }
    /// Only without has_value(); otherwise throws std::bad_variant_access.
    [[nodiscard]] const E& error() const { return std::get<1>(content_); }

  private:
    std::variant<T, E> content_;
};

}  // namespace twc
