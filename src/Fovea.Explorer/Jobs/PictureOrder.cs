using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Fovea.Explorer.Contents;
using Fovea.Explorer.Live;
using Fovea.Visualization;

namespace Fovea.Explorer.Jobs;

/// <summary>A picture of a unit that somebody asks for: what <c>fovea visualize --features</c> is told.</summary>
public sealed record PictureOrder : IOrder
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

    /// <summary>
    /// A class whose score is raised in the place of a unit; null: the unit. It is drawn from the page of an image, which the order names.
    /// </summary>
    public int? Class { get; init; }

    /// <summary>Of a class: how the network is changed, each unit with its layer and source; empty: not at all.</summary>
    public string Changes { get; init; } = "";

    /// <summary>With changes: <c>kept</c> or <c>dropped</c>, what dictionaries do not explain.</summary>
    public string Error { get; init; } = ImageState.Kept;

    /// <summary>Of a class: the page that it was ordered from.</summary>
    [JsonIgnore]
    internal string From { get; init; } = "";

    /// <summary>Of a class: the layer that gives the scores, whose folder the picture goes to.</summary>
    [JsonIgnore]
    internal string Head { get; init; } = "";

    /// <summary>The names of the presets.</summary>
    public static IReadOnlyList<string> Presets { get; } = [.. RenderPresets.All.Select(preset => preset.Preset)];

    /// <summary>The page of the unit.</summary>
    internal PageAddress Page => Class is null ? PageAddress.Feature(Layer, Source, Unit) : ImagePage.Place(From);

    /// <summary>Equal orders have equal names: asked for twice, a picture is made once.</summary>
    string IOrder.Id => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Options()))))[..12];

    /// <summary>The files of the pictures, relative to the run, as the command writes them.</summary>
    internal IReadOnlyList<string> Files => Class is { } label
        ? [string.Create(CultureInfo.InvariantCulture, $"pictures/{Head}/logits/{Preset}{Changed}-logit-{label}.png")]
        : [.. Enumerable.Range(1, Replicas ?? 1).Select(replica => string.Create(
            CultureInfo.InvariantCulture, $"pictures/{Layer}/{Source}/{Preset}-{Unit}{(replica == 1 ? "" : $"-r{replica}")}.png"))];

    /// <summary>The order with what the network says of itself: where pictures of its classes go, and changes as they are named there.</summary>
    /// <exception cref="FoveaException">Configuration: the changes cannot be read.</exception>
    internal PictureOrder With(string head) =>
        Class is null ? this : this with { Head = head, Changes = SteerText.Format(SteerText.Parse(Changes, "", ""), "", "") };

    /// <summary>Refuses what the run has no unit for, and what no preset takes.</summary>
    /// <exception cref="FoveaException">Configuration: it cannot be made.</exception>
    internal void Check(RunContents run)
    {
        if (Class is not null)
        {
            if (Class < 0 || Class >= run.Model.Classes.Count || Head.Length == 0) throw FoveaException.BadConfiguration("This network has no such class.");
            if (Error is not (ImageState.Kept or ImageState.Dropped)) throw FoveaException.BadConfiguration("error must be kept or dropped.");
        }
        else if (run.Layer(Layer)?.Units(Source)?.Find(Unit) is null)
            throw FoveaException.BadConfiguration("This run has no such unit.");
        if (!Presets.Contains(Preset))
            throw FoveaException.BadConfiguration($"preset must be one of {string.Join(", ", Presets)}.");
        Within(Size, "size", 16, LargestSize);
        Within(Steps, "steps", 1, MostSteps);
        Within(Replicas, "replicas", 1, MostReplicas);
    }

    /// <summary>The arguments of the command. Words of the run stand behind an equals sign, so that none can be taken for an option.</summary>
    /// <param name="run">The run folder.</param>
    IReadOnlyList<string> IOrder.Arguments(string run) => ["visualize", $"--run={run}", .. Options()];

    private IReadOnlyList<string> Options()
    {
        List<string> options = Class is { } label ? [$"--logits={Text(label)}", $"--preset={Preset}"]
            : [$"--layer={Layer}", $"--source={Source}", $"--features={Text(Unit)}", $"--preset={Preset}"];
        if (Class is not null && Changes.Length > 0) options.AddRange([$"--changes={Changes}", $"--error={Error}"]);
        if (Size is { } size) options.Add($"--size={Text(size)}");
        if (Steps is { } steps) options.Add($"--steps={Text(steps)}");
        if (Seed is { } seed) options.Add($"--seed={Text(seed)}");
        if (Replicas is > 1 and var replicas) options.Add($"--replicas={Text(replicas)}");
        return options;
    }

    private string Changed => Changes.Length == 0 ? "" : $"-changed-{SteeredNetwork.NameOf(Changes, Error)}";

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);

    private static void Within(int? value, string name, int least, int most)
    {
        if (value is { } number && (number < least || number > most))
            throw FoveaException.BadConfiguration($"{name} is {number}: it must be from {least} to {most}.");
    }
}
