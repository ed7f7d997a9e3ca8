#pragma once

#include "cli/words.h"

namespace portal::cli {

// The words of each family of commands, each in a file of its name. A new command is told to its family's file here,
// to cli/commands.h and to cli/main.cpp.

void AddTenantWords(Words& app);
void AddClientWords(Words& app);
void AddTokenWords(Words& app);
void AddAdminWords(Words& app);
void AddKeysWords(Words& app);
void AddImportWords(Words& app);
void AddExportWords(Words& app);
void AddFileWords(Words& app);
void AddPurgeWords(Words& app);
void AddBackupWords(Words& app);
void AddCheckWords(Words& app);
void AddLogsWords(Words& app);
void AddCompletionWords(Words& app);

/// In the order of --help.
inline constexpr void (*kFamilies[])(Words&) = {
    AddTenantWords,  //
    AddClientWords,  //
    AddTokenWords,   //
    AddAdminWords,   //
    AddKeysWords,    //
    AddImportWords,  //
    AddExportWords,  //
    AddFileWords,    //
    AddPurgeWords,   //
    AddBackupWords,  //
    AddCheckWords,   //
    AddLogsWords,    //
    AddCompletionWords,
};

}  // namespace portal::cli
