using System.CommandLine;
using Fovea.Cli.Terminal;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea data …</c>.</summary>
internal static class DataCommands
{
    public static Command Create(AppEnvironment app) => new("data", "Images: what a folder or a tar of them is taken for.")
    {
        new DataInspectCommand(app),
    };
}
