using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Fovea.Explorer.Contents;
using Fovea.Visualization;

namespace Fovea.Explorer.Jobs;

/// <summary>A picture of a unit that somebody asks for: what <c>fovea visualize --features</c> is told.</summary>
public sealed record PictureOrder
{
    /// <summary>Largest side that can be asked for, pixels.</summary>
    public const int LargestSize = 1024;

    /// <summary>Most steps.</summary>
    public const int MostSteps = 10_000;

    /// <summary>Most pictures of one unit at once.</summary>
    public const int MostReplicas = 8;

    /// <summary>The layer.</summary>
    public string Layer { get; init; } = "";

    /// <summary><c>neurons</c> or a dictionary.</summary>
    public string Source { get; init; } = "";

    /// <summary>The unit.</summary>
    public int Unit { get; init; }

    /// <summary>The way it is made, a name of <see cref="RenderPresets"/>.</summary>
    public string Preset { get; init; } = RenderPresets.Paper.Preset;

    /// <summary>Its side in pixels; null: the run's.</summary>
    public int? Size { get; init; }

    /// <summary>Optimisation steps; null: the preset's.</summary>
    public int? Steps { get; init; }

    /// <summary>The seed; null: the run's.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Pictures from different noise; null: one.</summary>
    public int? Replicas { get; init; }

    /// <summary>The names of the presets.</summary>
    public static IReadOnlyList<string> Presets { get; } = [.. RenderPresets.All.Select(preset => preset.Preset)];

    /// <summary>The page of the unit.</summary>
    internal PageAddress Page => PageAddress.Feature(Layer, Source, Unit);

    /// <summary>Equal orders have equal names: asked for twice, a picture is made once.</summary>
    internal string Id => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Options()))))[..12];

    /// <summary>The files of the pictures, relative to the run, as the command writes them.</summary>
    internal IReadOnlyList<string> Files =>
        [.. Enumerable.Range(1, Replicas ?? 1).Select(replica => string.Create(
            CultureInfo.InvariantCulture, $"pictures/{Layer}/{Source}/{Preset}-{Unit}{(replica == 1 ? "" : $"-r{replica}")}.png"))];

    /// <summary>Refuses what the run has no unit for, and what no preset takes.</summary>
    /// <exception cref="FoveaException">Configuration: it cannot be made.</exception>
    internal void Check(RunContents run)
    {
        if (run.Layer(Layer)?.Units(Source)?.Find(Unit) is null)
            throw FoveaException.BadConfiguration("This run has no such unit.");
        if (!Presets.Contains(Preset))
            throw FoveaException.BadConfiguration($"preset must be one of {string.Join(", ", Presets)}.");
        Within(Size, "size", 16, LargestSize);
        Within(Steps, "steps", 1, MostSteps);
        Within(Replicas, "replicas", 1, MostReplicas);
    }

    /// <summary>The arguments of the command. Words of the run stand behind an equals sign, so that none can be taken for an option.</summary>
    /// <param name="run">The run folder.</param>
    internal IReadOnlyList<string> Arguments(string run) => ["visualize", $"--run={run}", .. Options()];

    private IReadOnlyList<string> Options()
    {
        List<string> options = [$"--layer={Layer}", $"--source={Source}", $"--features={Text(Unit)}", $"--preset={Preset}"];
        if (Size is { } size) options.Add($"--size={Text(size)}");
        if (Steps is { } steps) options.Add($"--steps={Text(steps)}");
        if (Seed is { } seed) options.Add($"--seed={Text(seed)}");
        if (Replicas is > 1 and var replicas) options.Add($"--replicas={Text(replicas)}");
        return options;
    }

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);

    private static void Within(int? value, string name, int least, int most)
    {
        if (value is { } number && (number < least || number > most))
            throw FoveaException.BadConfiguration($"{name} is {number}: it must be from {least} to {most}.");
    }
}
