#include "service/demo/demo_records.h"

#include <algorithm>
#include <string>

#include "base/ascii.h"

namespace portal::service {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

/// Somewhere in the two years before the demo's now, during office hours in Texas.
base::WallTime SomeWorkingTime(DemoRandom& random) {
  const auto day = std::chrono::floor<days>(DemoNow()) - days{random.Between(1, 729)};
  return base::WallTime(day) + hours{14} + milliseconds{random.Below(milliseconds{hours{9}}.count())};
}

base::WallTime SomeTimeBetween(base::WallTime from, base::WallTime to, DemoRandom& random) {
  return from + milliseconds{random.Below((to - from).count() + 1)};
}

std::string Address(const DemoLists& lists, DemoRandom& random) {
  std::string address = std::to_string(random.Between(100, 9899)) + " ";
  address += random.Pick(lists.streets);
  address += ", ";
  return address += random.Pick(lists.cities);
}

/// 555-0100 to 555-0199 are kept free for fiction.
std::string Phone(DemoRandom& random) {
  constexpr std::string_view kAreaCodes[] = {"512", "737", "254", "830"};
  const std::string line = std::to_string(random.Between(100, 199));
  return "(" + std::string(kAreaCodes[random.Below(4)]) + ") 555-0" + line;
}

/// Lower-case ASCII letters and digits of `text`, accents dropped, for the parts of an e-mail address.
std::string MailPart(std::string_view text) {
  // For U+00C0 to U+00FF, which UTF-8 writes as C3 and a byte from 80 to BF.
  constexpr std::string_view kWithoutAccent = "aaaaaaaceeeeiiiidnooooo-ouuuuypsaaaaaaaceeeeiiiidnooooo-ouuuuypy";
  std::string part;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = base::ToLowerAscii(text[i]);
    if (c == '\xC3' && i + 1 < text.size()) {
      part += kWithoutAccent[static_cast<unsigned char>(text[++i]) & 0x3F];
    } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      part += c;
    }
  }
  return part;
}

std::string Email(std::string_view first, std::string_view last, const std::optional<std::string>& company) {
  const std::string mailbox = MailPart(first) + "." + MailPart(last);
  return mailbox + (company ? "@" + MailPart(*company) : "@mail") + ".example.com";
}

model::Contact DemoContact(const DemoLists& lists, DemoRandom& random) {
  model::Contact contact;
  contact.id = base::ContactId(DemoUuid(random));
  const std::string_view first = random.Pick(lists.first_names);
  const std::string_view last = random.Pick(lists.last_names);
  contact.name.append(first).append(" ").append(last);
  if (random.Chance(60)) contact.company = random.Pick(lists.companies);
  if (random.Chance(94)) contact.email = Email(first, last, contact.company);
  if (random.Chance(90)) contact.phone = Phone(random);
  if (random.Chance(93)) contact.address = Address(lists, random);
  contact.created_at = SomeWorkingTime(random);
  contact.updated_at = random.Chance(40) ? SomeTimeBetween(contact.created_at, DemoNow(), random) : contact.created_at;
  return contact;
}

model::JobStatus SomeStatus(DemoRandom& random) {
  using enum model::JobStatus;
  const std::int64_t percent = random.Below(100);
  if (percent < 46) return kCompleted;
  if (percent < 64) return kScheduled;
  if (percent < 78) return kInProgress;
  if (percent < 90) return kPending;
  if (percent < 95) return kOnHold;
  return kCancelled;
}

/// Work that is under way or to come was asked for lately; what is done may be long ago.
base::WallTime CreationOf(model::JobStatus status, DemoRandom& random) {
  using enum model::JobStatus;
  if (status == kCompleted || status == kCancelled) return SomeWorkingTime(random);
  return DemoNow() - minutes{random.Between(60, minutes{days{75}}.count())};
}

/// Crews start on the full half-hour between seven and ten in the morning, Texas time.
base::WallTime AtStartOfWork(base::WallTime day, DemoRandom& random) {
  return base::WallTime(std::chrono::floor<days>(day)) + hours{12} + minutes{30 * random.Below(7)};
}

void Schedule(model::Job& job, DemoRandom& random) {
  using enum model::JobStatus;
  job.updated_at = SomeTimeBetween(job.created_at, std::min(job.created_at + days{20}, DemoNow()), random);
  switch (job.status) {
    case kPending:
      break;
    case kScheduled:
      job.scheduled_at = AtStartOfWork(DemoNow() + days{random.Between(1, 60)}, random);
      break;
    case kInProgress:
      job.scheduled_at = AtStartOfWork(job.created_at + days{1}, random);
      break;
    case kOnHold:
    case kCancelled:
      if (random.Chance(50)) job.scheduled_at = AtStartOfWork(job.created_at + days{random.Between(7, 40)}, random);
      break;
    case kCompleted:
      job.scheduled_at = AtStartOfWork(job.created_at + days{random.Between(3, 30)}, random);
      job.completed_at =
          std::min(*job.scheduled_at + minutes{random.Between(120, minutes{days{9}}.count())}, DemoNow());
      job.scheduled_at = std::min(*job.scheduled_at, *job.completed_at - hours{2});
      job.updated_at = *job.completed_at;
      break;
  }
}

std::string TitleFor(std::string_view work, const model::Contact& contact) {
  if (contact.company) return std::string(work) + ", " + *contact.company;
  return std::string(work) + ", " + contact.name.substr(contact.name.rfind(' ') + 1) + " residence";
}

model::Job DemoJob(const DemoLists& lists, const std::vector<model::Contact>& contacts, DemoRandom& random) {
  model::Job job;
  job.id = base::JobId(DemoId("job_", random));
  const model::Contact& contact = random.Pick(contacts);
  const std::string_view work = random.Pick(lists.job_titles);
  job.title = TitleFor(work, contact);
  job.status = SomeStatus(random);
  job.contact_id = contact.id;
  job.address = contact.address;
  if (random.Chance(4)) {  // asked for on the phone: nobody knows yet for whom
    job.title = work;
    job.contact_id.reset();
    job.address.reset();
  }
  job.created_at = std::max(CreationOf(job.status, random), contact.created_at);
  Schedule(job, random);
  return job;
}

}  // namespace

base::WallTime DemoNow() {
  using namespace std::chrono;
  return base::WallTime(sys_days(2025y / September / 1)) + hours{23};
}

std::vector<model::Contact> DemoContacts(const DemoLists& lists, std::size_t count, DemoRandom& random) {
  std::vector<model::Contact> contacts;
  contacts.reserve(count);
  while (contacts.size() < count) contacts.push_back(DemoContact(lists, random));
  return contacts;
}

std::vector<model::Job> DemoJobs(const DemoLists& lists, const std::vector<model::Contact>& contacts, std::size_t count,
                                 DemoRandom& random) {
  std::vector<model::Job> jobs;
  jobs.reserve(count);
  while (jobs.size() < count) jobs.push_back(DemoJob(lists, contacts, random));
  return jobs;
}

}  // namespace portal::service
