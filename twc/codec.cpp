// The layouts of docs/protocol.md 2, read and written.
#include "twc/codec.hpp"

#include <optional>
#include <stdexcept>
#include <string>

#include "twc/codes.hpp"

namespace twc {

namespace {

using namespace codes;

std::uint8_t checksum(std::span<const std::uint8_t> body) {
    unsigned sum = 0;
    for (const std::uint8_t byte : body.subspan(1, body.size() - 2)) sum += byte;
    return static_cast<std::uint8_t>(sum);
}

// Fields at their offsets. Every body has offsets 0 to 11; whoever reads beyond has checked the length.
class Fields {
  public:
    explicit Fields(std::span<const std::uint8_t> body) : body_{body} {}

    [[nodiscard]] std::size_t length() const { return body_.size(); }
    [[nodiscard]] std::uint8_t byte(std::size_t offset) const { return body_[offset]; }
    [[nodiscard]] std::uint16_t word(std::size_t offset) const {
        return static_cast<std::uint16_t>(byte(offset) << 8U | byte(offset + 1));
    }
    [[nodiscard]] TwcId id(std::size_t offset) const { return TwcId{word(offset)}; }
    [[nodiscard]] Centiamps current(std::size_t offset) const { return Centiamps{word(offset)}; }
    // Up to the first character that is not printable: padding is zeros, and nothing else may reach a topic.
    [[nodiscard]] std::string text(std::size_t offset, std::size_t length) const {
        std::string text;
        for (const std::uint8_t byte : body_.subspan(offset, length)) {
            if (byte <= ' ' || byte > '~') break;
            text += static_cast<char>(byte);
        }
        return text;
    }
    [[nodiscard]] Body body() const { return {body_.begin(), body_.end()}; }

  private:
    std::span<const std::uint8_t> body_;
};

using Result = Expected<Message, DecodeError>;

std::optional<Question> question_of(std::uint8_t code) {
    switch (const auto question = static_cast<Question>(code)) {
        case Question::meter:
        case Question::firmware:
        case Question::serial:
        case Question::vin_start:
        case Question::vin_middle:
        case Question::vin_end:
            return question;
    }
    return std::nullopt;
}

std::optional<OldQuestion> old_question_of(std::uint8_t code) {
    switch (const auto question = static_cast<OldQuestion>(code)) {
        case OldQuestion::serial:
        case OldQuestion::model:
        case OldQuestion::firmware:
            return question;
    }
    return std::nullopt;
}

MasterHeartbeat decode_master_heartbeat(const Fields& fields) {
    constexpr std::uint8_t error = 0x02;  // no enumerator of Command, so that nobody can send it
    MasterHeartbeat message{.from = fields.id(2),
                            .to = fields.id(4),
                            .command = fields.byte(6),
                            .limit = std::nullopt,
                            .error_bits = std::nullopt,
                            .master_plugged = fields.byte(9) == 1};
    switch (static_cast<Command>(message.command)) {
        case Command::limit_before_charging:
        case Command::limit_at_start:
        case Command::limit_while_charging:
            message.limit = fields.current(7);
            break;
        case Command::none:
            break;
    }
    if (message.command == error) message.error_bits = fields.byte(7);
    return message;
}

Message decode_request(const Fields& fields) {
    const std::uint8_t code = fields.byte(1);
    if (code == heartbeat) return decode_master_heartbeat(fields);
    if (code == link_ready_2)
        return MasterLinkReady{.round = 2, .from = fields.id(2), .sign = fields.byte(4)};
    if (const auto question = question_of(code)) {
        return Query{.question = *question, .from = fields.id(2), .to = fields.id(4)};
    }
    if (const auto question = old_question_of(code)) return OldQuery{*question};
    if (code == plug) return PlugQuery{.from = fields.id(2), .to = fields.id(4)};
    return Unknown{fields.body()};
}

Message decode_command(const Fields& fields) {
    const std::uint8_t code = fields.byte(1);
    if (code == link_ready_1)
        return MasterLinkReady{.round = 1, .from = fields.id(2), .sign = fields.byte(4)};
    if (code == close_contactor || code == open_contactor) {
        return ContactorCommand{.close = code == close_contactor, .from = fields.id(2), .to = fields.id(4)};
    }
    if (code == idle) return MasterIdle{};
    return Unknown{fields.body()};
}

Result decode_slave_link_ready(const Fields& fields) {
    if (fields.length() != v1_length && fields.length() != v2_length) return Unexpected{DecodeError::length};
    return Message{SlaveLinkReady{.from = fields.id(2),
                                  .sign = fields.byte(4),
                                  .max_current = fields.current(5),
                                  .protocol = fields.length() == v1_length ? Protocol::v1 : Protocol::v2}};
}

Result decode_slave_heartbeat(const Fields& fields) {
    if (fields.length() != v1_length && fields.length() != v2_length) return Unexpected{DecodeError::length};
    return Message{SlaveHeartbeat{.from = fields.id(2),
                                  .to = fields.id(4),
                                  .state = fields.byte(6),
                                  .limit = fields.current(7),
                                  .drawn = fields.current(9)}};
}

MeterReport decode_meter(const Fields& fields) {
    constexpr std::int64_t high_word = 0x10000;
    constexpr std::int64_t half_amp = 50;  // centiamps
    MeterReport meter{.from = fields.id(2),
                      .lifetime = KilowattHours{fields.word(4) * high_word + fields.word(6)},
                      .volts = {Volts{fields.word(8)}, Volts{fields.word(10)}, Volts{fields.word(12)}},
                      .currents = std::nullopt};
    if (fields.length() == v2_long_length) {
        meter.currents = {Centiamps{fields.byte(14) * half_amp}, Centiamps{fields.byte(15) * half_amp},
                          Centiamps{fields.byte(16) * half_amp}};
    }
    return meter;
}

Result decode_answer(Question question, const Fields& fields) {
    constexpr std::size_t serial_length = 11;
    constexpr std::size_t vin_part_length = 7;
    constexpr std::size_t vin_end_length = 3;
    if (fields.length() != v2_length && fields.length() != v2_long_length)
        return Unexpected{DecodeError::length};
    const TwcId from = fields.id(2);
    switch (question) {
        case Question::meter:
            return Message{decode_meter(fields)};
        case Question::firmware:
            return Message{FirmwareReport{
                .from = from, .version = {fields.byte(4), fields.byte(5), fields.byte(6), fields.byte(7)}}};
        case Question::serial:
            return Message{SerialReport{.from = from, .serial = fields.text(4, serial_length)}};
        case Question::vin_start:
        case Question::vin_middle:
            return Message{
                VinReport{.part = question, .from = from, .text = fields.text(4, vin_part_length)}};
        case Question::vin_end:
            return Message{VinReport{.part = question, .from = from, .text = fields.text(4, vin_end_length)}};
    }
    return Message{Unknown{fields.body()}};
}

Message decode_old_answer(OldQuestion question, const Fields& fields) {
    constexpr std::size_t begin = 2;  // no id
    if (question == OldQuestion::firmware)
        return OldFirmwareReport{{fields.byte(begin), fields.byte(begin + 1), fields.byte(begin + 2)}};
    return OldTextReport{.question = question, .text = fields.text(begin, fields.length() - begin - 1)};
}

Result decode_report(const Fields& fields) {
    const std::uint8_t code = fields.byte(1);
    if (code == heartbeat) return decode_slave_heartbeat(fields);
    if (code == link_ready_2) return decode_slave_link_ready(fields);
    if (code == close_contactor || code == open_contactor) {
        return Message{ContactorReply{.close = code == close_contactor, .from = fields.id(2)}};
    }
    if (const auto question = question_of(code)) return decode_answer(*question, fields);
    if (const auto question = old_question_of(code)) return decode_old_answer(*question, fields);
    if (code == plug) return Message{PlugReport{.from = fields.id(2), .plug = fields.byte(4)}};
    return Message{Unknown{fields.body()}};
}

// A body of zeros that begins with a code and the sender.
Body blank(std::uint8_t type, std::uint8_t code, TwcId from, std::size_t length) {
    Body body(length, 0);
    body[0] = type;
    body[1] = code;
    body[2] = static_cast<std::uint8_t>(from.value() >> 8U);
    body[3] = static_cast<std::uint8_t>(from.value());
    return body;
}

void put_word(Body& body, std::size_t offset, std::uint16_t value) {
    body[offset] = static_cast<std::uint8_t>(value >> 8U);
    body[offset + 1] = static_cast<std::uint8_t>(value);
}

Body sealed(Body body) {
    body.back() = checksum(body);
    return body;
}

std::uint16_t wire_limit(Centiamps limit) {
    if (limit < Centiamps{0} || limit > Centiamps{0xFFFF})
        throw std::out_of_range{"limit of " + to_sentence(limit)};
    return static_cast<std::uint16_t>(limit.count());
}

}  // namespace

const char* to_text(DecodeError error) {
    switch (error) {
        case DecodeError::length:
            return "length";
        case DecodeError::checksum:
            return "checksum";
        case DecodeError::escape:
            return "escape";
    }
    return "unknown";
}

Expected<Message, DecodeError> decode(std::span<const std::uint8_t> body) {
    if (body.size() < shortest_body || body.size() > longest_body) return Unexpected{DecodeError::length};
    if (body.back() != checksum(body)) return Unexpected{DecodeError::checksum};
    const Fields fields{body};
    switch (fields.byte(0)) {
        case request:
            return decode_request(fields);
        case command:
            return decode_command(fields);
        case report:
            return decode_report(fields);
        default:
            return Message{Unknown{fields.body()}};
    }
}

Body encode_heartbeat(TwcId from, TwcId to, Protocol protocol, const HeartbeatOrder& order) {
    Body body = blank(request, heartbeat, from, protocol == Protocol::v1 ? v1_length : v2_length);
    put_word(body, 4, to.value());
    body[6] = static_cast<std::uint8_t>(order.command);
    if (order.command != Command::none) put_word(body, 7, wire_limit(order.limit));
    return sealed(body);
}

Body encode_link_ready(int round, TwcId from, std::uint8_t sign) {
    Body body = round == 1 ? blank(command, link_ready_1, from, v1_length)
                           : blank(request, link_ready_2, from, v1_length);
    body[4] = sign;
    return sealed(body);
}

Body encode(const Query& query) {
    Body body = blank(request, static_cast<std::uint8_t>(query.question), query.from, v2_length);
    put_word(body, 4, query.to.value());
    return sealed(body);
}

Body encode(const ContactorCommand& order) {
    Body body = blank(command, order.close ? close_contactor : open_contactor, order.from, v2_length);
    put_word(body, 4, order.to.value());
    return sealed(body);
}

}  // namespace twc
