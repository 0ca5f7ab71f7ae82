using System.CommandLine;
using Fovea.Cli.Terminal;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea sae …</c>: stage 3.</summary>
internal static class SaeCommands
{
    public static Command Create(AppEnvironment app) => new("sae", "Sparse autoencoders of a run.")
    {
        new SaeTrainCommand(app),
        new SaeSweepCommand(app),
        new SaeEvalCommand(app),
        new SaePairsCommand(app),
        new SaeCompareCommand(app),
        new SaeExportCommand(app),
        new SaeImportCommand(app),
    };
}
