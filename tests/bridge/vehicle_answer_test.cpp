// Answers as tesla-http-proxy, TeslaBleHttpProxy and the Fleet API give them, and what they mean.
#include "bridge/core/vehicle_answer.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace bridge {
namespace {

using Verdict = VehicleAnswer::Verdict;
using enum VehicleCommand;

VehicleAnswer answer(VehicleCommand command, int status, const std::string& body) {
    return understand(command, {.status = status, .body = body});
}

TEST(VehicleAnswer, IsUnderstoodFromEachOfTheKnownProxies) {
    struct Case {
        VehicleCommand command;
        int status;
        std::string body;
        Verdict verdict;
    };
    const std::vector<Case> cases{
        // tesla-http-proxy
        {charge_stop, 200, R"({"response":{"result":true,"reason":""}})", Verdict::accepted},
        {charge_stop, 200,
         R"({"response":{"result":false,"string":"car could not execute command: not_charging"},"error":"","error_description":""})",
         Verdict::already_so},
        {charge_start, 200,
         R"({"response":{"result":false,"string":"car could not execute command: complete"},"error":"","error_description":""})",
         Verdict::refused},
        {charge_start, 200,
         R"({"response":{"result":false,"string":"car could not execute command: is_charging"},"error":"","error_description":""})",
         Verdict::already_so},
        {charge_start, 500,
         R"({"response":null,"error":"vehicle unavailable: vehicle is offline or asleep","error_description":""})",
         Verdict::asleep},
        {charge_start, 403,
         R"({"response":null,"error":"client did not provide an OAuth token","error_description":""})",
         Verdict::rejected},
        {charge_stop, 503, R"({"response":null,"error":"context deadline exceeded","error_description":""})",
         Verdict::broken},
        {charge_stop, 404, R"({"response":null,"error":"a VIN has 17 characters","error_description":""})",
         Verdict::not_now},
        {wake_up, 200, R"({"response":{"id":1,"state":"asleep"}})", Verdict::accepted},
        {wake_up, 200, R"({"response":{"id":1,"state":"online"}})", Verdict::accepted},
        {wake_up, 408, R"({"response":null,"error":"Request Timeout","error_description":""})",
         Verdict::asleep},
        // TeslaBleHttpProxy
        {charge_stop, 200,
         R"({"response":{"result":true,"reason":"The command was successfully processed.","vin":"X","command":"charge_stop"}})",
         Verdict::accepted},
        {charge_start, 503,
         R"({"response":{"result":false,"reason":"Vehicle is not in range: context deadline exceeded","vin":"X","command":"charge_start"}})",
         Verdict::not_now},
        {charge_start, 503, R"({"response":{"result":false,"reason":"vehicle is sleeping"}})",
         Verdict::asleep},
        // Fleet API
        {charge_start, 200, R"({"response":{"reason":"disconnected","result":false}})", Verdict::refused},
        {charge_stop, 200, R"({"response":{"reason":"complete","result":false}})", Verdict::already_so},
        {charge_start, 200, R"({"response":{"reason":"requested","result":false}})", Verdict::already_so},
        {charge_start, 200, R"({"response":{"reason":"no_power","result":false}})", Verdict::not_now},
        {charge_start, 408,
         R"({"response":null,"error":"vehicle unavailable: {:error=>\"vehicle unavailable:\"}"})",
         Verdict::asleep},
        {charge_start, 401, R"({"error":"invalid bearer token"})", Verdict::rejected},
        {charge_start, 429, "Too many requests", Verdict::too_many},
        {charge_stop, 500, R"({"response":null,"error":"internal server error"})", Verdict::broken},
        // None of these
        {charge_stop, 200, "", Verdict::broken},
        {charge_stop, 200, "<html>It works!</html>", Verdict::broken},
        {charge_stop, 200, R"({"response":{"result":"yes"}})", Verdict::broken},
        {charge_stop, 200, R"({"response":[true]})", Verdict::broken},
        {charge_stop, 200, "[1, 2", Verdict::broken},
        {charge_stop, 302, "", Verdict::broken},
        {charge_stop, 500, R"({"response":{"result":true}})", Verdict::broken},
    };
    for (const auto& example : cases) {
        EXPECT_EQ(answer(example.command, example.status, example.body).verdict, example.verdict)
            << to_text(example.command) << ' ' << example.status << ' ' << example.body;
    }
}

TEST(VehicleAnswer, SaysInOneShortLineWhatCameBack) {
    EXPECT_EQ(answer(charge_stop, 200, R"({"response":{"result":true,"reason":""}})").sentence, "accepted");
    EXPECT_EQ(
        answer(charge_start, 200, R"({"response":{"result":false,"reason":"no\npower\u00e9"}})").sentence,
        "refused: no?power??");
    EXPECT_EQ(answer(charge_start, 500, R"({"error":"out of luck"})").sentence,
              "HTTP status 500: out of luck");
    EXPECT_LT(answer(charge_start, 500, R"({"error":")" + std::string(5000, 'x') + "\"}").sentence.size(),
              150U);
    EXPECT_EQ(understand(charge_stop, {.failure = "connecting: Connection refused"}).sentence,
              "connecting: Connection refused");
}

TEST(VehicleAnswer, HandsOnHowLongToWait) {
    const HttpReply reply{.status = 429, .retry_after = std::chrono::seconds{300}};
    EXPECT_EQ(understand(charge_stop, reply).retry_after, std::chrono::seconds{300});
}

}  // namespace
}  // namespace bridge
