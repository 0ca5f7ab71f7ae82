using System.CommandLine;
using Fovea.Cli.Terminal;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea model …</c>.</summary>
internal static class ModelCommands
{
    public static Command Create(AppEnvironment app) =>
        new("model", "The networks Fovea knows, what weights are worth, and networks in files of other tools.")
    {
        new ModelListCommand(app),
        new ModelEvalCommand(app),
        new ModelInspectCommand(app),
        new ModelRunCommand(app),
        new ModelExportCommand(app),
    };
}
