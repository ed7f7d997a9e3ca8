#include <charconv>
#include <memory>

#include "cli/words/budget.h"
#include "cli/words/families.h"

namespace portal::cli {

namespace {

/// Bytes, or `none`.
bool ReadQuota(const std::string& text, std::optional<std::int64_t>& out) {
  if (text == "none") return true;
  std::int64_t bytes = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  if (error != std::errc() || end != text.data() + text.size() || bytes < 0) return false;
  out = bytes;
  return true;
}

}  // namespace

void AddTenantWords(Words& app) {
  using Action = TenantCommand::Action;
  const auto given = std::make_shared<TenantCommand>();
  Words family = app.Family("tenant", "Companies whose data is kept apart");
  const auto add = [&](const std::string& name, const std::string& help, Action action) {
    Words command = family.Add(name, help, [given, action] {
      given->action = action;
      return *given;
    });
    command.Json(given->json);
    return command;
  };
  Words create = add("create", "Add a tenant", Action::kCreate);
  create.Option("SLUG", given->slug, "Its short name: 1 to 40 of a-z, 0-9 and -").Required();
  create.Option("--name", given->name, "Its full name; by default the slug");
  create.Option("--bucket", given->bucket, "The first part of its signed URLs' paths; by default portal-files-SLUG");
  add("list", "Show every tenant", Action::kList);
  for (const auto& [name, help, action] :
       {std::tuple{"suspend", "Refuse all its tokens and signed URLs, until resumed", Action::kSuspend},
        std::tuple{"resume", "Let it in again", Action::kResume}}) {
    add(name, help, action).Option("SLUG", given->slug, "The tenant's short name").Required();
  }
  Words remove = add("delete", "Delete it with all its data; its bytes follow with the purge", Action::kDelete);
  remove.Option("SLUG", given->slug, "The tenant's short name").Required();
  remove.Flag("--confirm", given->confirm, "Yes, all of it: there is no way back but a backup");

  const auto quota = std::make_shared<std::string>();
  Words set_quota =
      family.Add("quota", "Limit the bytes of its files", [given, quota]() -> tl::expected<Command, std::string> {
        given->action = Action::kQuota;
        if (!ReadQuota(*quota, given->quota_bytes)) {
          return tl::unexpected("BYTES: \"" + *quota + "\" is neither a number of bytes nor none");
        }
        return *given;
      });
  set_quota.Option("SLUG", given->slug, "The tenant's short name").Required();
  set_quota.Option("BYTES", *quota, "The most that its files may hold, or none").Required();
  set_quota.Json(given->json);

  const auto budget = std::make_shared<BudgetGiven>();
  Words set_budget = family.Add("budget", "Limit the requests of all its clients together",
                                [given, budget]() -> tl::expected<Command, std::string> {
                                  given->action = Action::kBudget;
                                  auto change = ReadBudget(*budget);
                                  if (!change) return tl::unexpected(std::move(change.error()));
                                  given->budgets = *change;
                                  return *given;
                                });
  set_budget.Option("SLUG", given->slug, "The tenant's short name").Required();
  AddBudgetWords(set_budget, *budget, "no budget");
  set_budget.Json(given->json);
}

}  // namespace portal::cli
