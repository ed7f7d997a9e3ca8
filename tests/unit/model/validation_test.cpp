#include <gtest/gtest.h>

#include <string>

#include "model/contact.h"
#include "model/file.h"
#include "model/job.h"
#include "model/plain_text.h"
#include "model/tenant.h"

namespace portal::model {
namespace {

struct Case {
  std::string text;
  bool valid;
};

TEST(TenantSlugs, AreShortLowerCaseWords) {
  const Case cases[] = {{"acme", true},
                        {"a", true},
                        {"a-1", true},
                        {"7", true},
                        {std::string(40, 'a'), true},
                        {"", false},
                        {"-a", false},
                        {"a-", false},
                        {"A", false},
                        {std::string(41, 'a'), false},
                        {"a_b", false},
                        {"a b", false},
                        {"\xC3\xA9", false},
                        {std::string("a\0b", 3), false}};
  for (const Case& row : cases) EXPECT_EQ(IsTenantSlug(row.text), row.valid) << row.text;
}

TEST(ClientIds, AreOfTheUrlSafeAlphabet) {
  const Case cases[] = {{"client_prod", true},
                        {"A.b-9_", true},
                        {std::string(64, 'x'), true},
                        {"", false},
                        {std::string(65, 'x'), false},
                        {"a/b", false},
                        {"a b", false},
                        {"a%20", false}};
  for (const Case& row : cases) EXPECT_EQ(IsClientId(row.text), row.valid) << row.text;
}

TEST(ContactIds, AreCanonicalLowerCaseUuids) {
  const Case cases[] = {{"550e8400-e29b-41d4-a716-446655440000", true},
                        {"550E8400-e29b-41d4-a716-446655440000", false},
                        {"550e8400e29b41d4a716446655440000", false},
                        {"550e8400-e29b-41d4-a716-44665544000", false},
                        {"550e8400-e29b-41d4-a716-4466554400000", false},
                        {"550e8400-e29b-41d4-a716_446655440000", false},
                        {"g50e8400-e29b-41d4-a716-446655440000", false},
                        {"{50e8400-e29b-41d4-a716-44665544000}", false},
                        {"", false}};
  for (const Case& row : cases) EXPECT_EQ(IsContactId(row.text), row.valid) << row.text;
}

TEST(JobAndFileIds, HaveTheirPrefix) {
  for (const std::string& rest : {std::string("a"), std::string("Prod_test-1"), std::string(60, 'x')}) {
    EXPECT_TRUE(IsJobId("job_" + rest));
    EXPECT_TRUE(IsFileId("file_" + rest));
    EXPECT_FALSE(IsJobId("file_" + rest));
    EXPECT_FALSE(IsFileId("job_" + rest));
    EXPECT_FALSE(IsJobId(rest));
  }
  for (const std::string& rest : {std::string(), std::string(61, 'x'), std::string("a b"), std::string("a.b")}) {
    EXPECT_FALSE(IsJobId("job_" + rest)) << rest;
    EXPECT_FALSE(IsFileId("file_" + rest)) << rest;
  }
}

TEST(FileNames, AreWhatAFolderCouldHold) {
  const Case cases[] = {{"plan.pdf", true},
                        {"...", true},
                        {" ", true},
                        {"a\"b%20.pdf", true},
                        {"\xF0\x9F\x98\x80.png", true},
                        {std::string(255, 'x'), true},
                        {std::string(256, 'x'), false},
                        {"", false},
                        {".", false},
                        {"..", false},
                        {"a/b", false},
                        {std::string("a\0b", 3), false},
                        {"a\nb", false},
                        {"a\x7F", false},
                        {"a\xC2\x85", false},
                        {"a\xC2\xA0", true},
                        {"\xC3", false}};
  for (const Case& row : cases) EXPECT_EQ(IsFileName(row.text), row.valid) << row.text;
}

TEST(DisplayNames, AreShortTextWithoutControlCharacters) {
  const Case cases[] = {{"Acme \"Inc\" / Söhne", true},
                        {"x", true},
                        {std::string(200, 'x'), true},
                        {std::string(201, 'x'), false},
                        {"", false},
                        {"a\tb", false},
                        {"a\nb", false},
                        {"\x1B[31mred", false},
                        {std::string("a\0b", 3), false},
                        {"a\xC2\x9B", false},
                        {"a\xC2\xA0", true},
                        {"\xFF", false}};
  for (const Case& row : cases) EXPECT_EQ(IsDisplayName(row.text), row.valid) << row.text;
}

TEST(BucketNames, AreOnePlainSegmentOfAPath) {
  for (const std::string_view name : {"portal-files-prod", "A.b_c-9", "..."}) EXPECT_TRUE(IsBucketName(name)) << name;
  for (const std::string_view name : {"", ".", "..", "a/b", "a b", "ä"}) EXPECT_FALSE(IsBucketName(name)) << name;
}

TEST(StatusesAndKinds, ParseBackFromTheirNamesOnly) {
  for (std::size_t i = 0; i < kJobStatusNames.size(); ++i) {
    const auto status = static_cast<JobStatus>(i);
    EXPECT_EQ(ParseJobStatus(ToText(status)), status);
  }
  for (std::size_t i = 0; i < kFileKindNames.size(); ++i) {
    const auto kind = static_cast<FileKind>(i);
    EXPECT_EQ(ParseFileKind(ToText(kind)), kind);
  }
  for (const char* text : {"", "Pending", "in progress", "photos", "0"}) {
    EXPECT_EQ(ParseJobStatus(text), std::nullopt) << text;
    EXPECT_EQ(ParseFileKind(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace portal::model
