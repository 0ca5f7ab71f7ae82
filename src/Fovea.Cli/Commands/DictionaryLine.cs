using Fovea.Cli.Terminal;
using Fovea.Cli.Workflows;

namespace Fovea.Cli.Commands;

/// <summary>A sparse autoencoder on one line.</summary>
internal static class DictionaryLine
{
    public static string Of(DictionaryOutcome dictionary) =>
        $"{dictionary.Layer}/{dictionary.Name} ({dictionary.Architecture}, {dictionary.DIn} → {dictionary.DSae}): L0 {Humane.Number(dictionary.L0)}, "
        + $"FVU {Humane.Number(dictionary.Fvu)}, dead {Humane.Percent(dictionary.DeadFraction)}, loss {Humane.Number(dictionary.Loss)}";
}
