// The word that was meant by one that is not known.
#include "config/nearest.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

namespace config {
namespace {

/// Number of letters to insert, remove or replace to make one word of the other, upper and lower case being
/// equal.
std::size_t distance(std::string_view left, std::string_view right) {
    const auto lower = [](char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    };
    std::vector<std::size_t> row(right.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < left.size(); ++i) {
        auto diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < right.size(); ++j) {
            const auto replaced = diagonal + (lower(left[i]) == lower(right[j]) ? 0U : 1U);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

/// The one that begins with these letters, if there is no other.
std::optional<std::string_view> completed(std::string_view word, std::span<const std::string_view> known) {
    constexpr std::size_t shortest = 3;
    const auto begins = [&](std::string_view candidate) { return candidate.starts_with(word); };
    if (word.size() < shortest || std::ranges::count_if(known, begins) != 1) return std::nullopt;
    return *std::ranges::find_if(known, begins);
}

}  // namespace

std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> known) {
    constexpr std::size_t longest = 64;  // no word of ours is, and the distance costs the product of lengths
    if (word.size() > longest) return std::nullopt;
    std::optional<std::string_view> best;
    auto least = 1 + std::max<std::size_t>(1, word.size() / 4);
    for (const auto candidate : known) {
        const auto apart = distance(word, candidate);
        if (apart >= least) continue;
        least = apart;
        best = candidate;
    }
    return best ? best : completed(word, known);
}

}  // namespace config
