// The frames of tests/vectors/frames.jsonl: bytes, meaning, where they come from.
#pragma once

#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

/// "C0 FD E2" or "C0FDE2".
inline std::vector<std::uint8_t> bytes_of(const std::string& hex) {
    std::string digits;
    for (const char character : hex) {
        if (character != ' ') digits += character;
    }
    std::vector<std::uint8_t> bytes;
    for (std::size_t at = 0; at + 1 < digits.size(); at += 2) {
        bytes.push_back(static_cast<std::uint8_t>(std::stoul(digits.substr(at, 2), nullptr, 16)));
    }
    return bytes;
}

inline const std::vector<nlohmann::json>& vectors() {
    static const auto all = [] {
        std::ifstream file{TEST_SOURCE_DIR "/vectors/frames.jsonl"};
        if (!file) throw std::runtime_error{"no vectors"};
        std::vector<nlohmann::json> lines;
        for (std::string line; std::getline(file, line);) lines.push_back(nlohmann::json::parse(line));
        return lines;
    }();
    return all;
}
