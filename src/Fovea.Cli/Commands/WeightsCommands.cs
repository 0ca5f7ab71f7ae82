using System.CommandLine;
using Fovea.Cli.Terminal;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea weights …</c>.</summary>
internal static class WeightsCommands
{
    public static Command Create(AppEnvironment app) => new("weights", "Files of weights: what they hold, and conversion.")
    {
        new WeightsInspectCommand(app),
        new WeightsConvertCommand(app),
    };
}
