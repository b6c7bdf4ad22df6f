// A file descriptor that is closed with its owner, and writing to one.
#pragma once

#include <string_view>
#include <utility>

namespace bridge {

class Descriptor {
  public:
    /// Takes it over; a negative one, as from a call that failed, is nothing to close.
    explicit Descriptor(int number) : number_{number} {}
    /// Without looking at the result, which matters only after writing.
    ~Descriptor();
    Descriptor(Descriptor&& other) noexcept : number_{other.release()} {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    [[nodiscard]] int get() const { return number_; }
    /// The owner is another one from now on.
    [[nodiscard]] int release() { return std::exchange(number_, -1); }
    /// Whether all that was written has been accepted; otherwise errno says why not.
    [[nodiscard]] bool close();

  private:
    int number_;
};

/// However many calls it takes. False if the rest cannot be written; errno says why.
bool write_all(int file, std::string_view text);

}  // namespace bridge
