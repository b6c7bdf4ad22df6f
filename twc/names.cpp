// One table; what must never be sent has a name too, for others may have sent it.
#include "twc/names.hpp"

#include <algorithm>
#include <array>

namespace twc {

namespace {

struct Name {
    std::uint8_t type;
    std::uint8_t code;
    std::string_view name;
};

constexpr std::array names{
    Name{0xFC, 0xE1, "master_linkready_1"}, Name{0xFB, 0xE2, "master_linkready_2"},
    Name{0xFD, 0xE2, "slave_linkready"},    Name{0xFC, 0x1D, "master_idle"},
    Name{0xFB, 0xE0, "master_heartbeat"},   Name{0xFD, 0xE0, "slave_heartbeat"},
    Name{0xFB, 0xEB, "meter_query"},        Name{0xFD, 0xEB, "meter"},
    Name{0xFB, 0xEC, "firmware_query"},     Name{0xFD, 0xEC, "firmware"},
    Name{0xFB, 0xED, "serial_query"},       Name{0xFD, 0xED, "serial"},
    Name{0xFB, 0xEE, "vin_start_query"},    Name{0xFD, 0xEE, "vin_start"},
    Name{0xFB, 0xEF, "vin_middle_query"},   Name{0xFD, 0xEF, "vin_middle"},
    Name{0xFB, 0xF1, "vin_end_query"},      Name{0xFD, 0xF1, "vin_end"},
    Name{0xFC, 0xB1, "close_contactor"},    Name{0xFD, 0xB1, "contactor_closed"},
    Name{0xFC, 0xB2, "open_contactor"},     Name{0xFD, 0xB2, "contactor_opened"},
    Name{0xFB, 0xB4, "plug_query"},         Name{0xFD, 0xB4, "plug"},
    Name{0xFB, 0x19, "old_serial_query"},   Name{0xFD, 0x19, "old_serial"},
    Name{0xFB, 0x1A, "old_model_query"},    Name{0xFD, 0x1A, "old_model"},
    Name{0xFB, 0x1B, "old_firmware_query"}, Name{0xFD, 0x1B, "old_firmware"},
    Name{0xFC, 0x19, "forbidden_write_id"}, Name{0xFC, 0x1A, "forbidden_write_model"},
    Name{0xFB, 0xE8, "forbidden_crash"},
};

}  // namespace

std::string_view name_of(std::uint8_t type, std::uint8_t code) {
    const auto* const found =
        std::ranges::find_if(names, [&](const Name& name) { return name.type == type && name.code == code; });
    return found == names.end() ? std::string_view{} : found->name;
}

}  // namespace twc
