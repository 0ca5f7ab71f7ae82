using Fovea.IO;
using Fovea.Runs;

namespace Fovea.Cli.Commands;

/// <summary>What a command takes for a run folder that it only reads.</summary>
internal static class RunFolders
{
    /// <summary>Refuses what is none. Any of its parts will do: pages show what is left of a damaged run.</summary>
    /// <exception cref="FoveaException">Data: there is no such folder, or nothing of a run is in it.</exception>
    public static void Require(RunFolder run)
    {
        if (!Directory.Exists(run.Root)) throw FoveaException.BadData($"There is no run folder {run.Root}.");
        HiddenFile.RefuseFolder(run.Root);
        if (!File.Exists(run.RunRecord) && !File.Exists(run.Recipe) && !Directory.EnumerateFiles(
            run.Root, StageRecord.FileName, new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 4 }).Any())
        {
            throw FoveaException.BadData(
                $"{run.Root} is no run folder: it has neither {RunRecord.FileName} nor a recipe nor a stage.");
        }
    }
}
