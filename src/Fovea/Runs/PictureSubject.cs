using Fovea.Interpretation;
using Fovea.IO;
using Fovea.Visualization.Objectives;

namespace Fovea.Runs;

/// <summary>
/// What a set of pictures in a folder is of (<see cref="PictureFolder"/>): their objective, and what it does not say of itself.
/// </summary>
public sealed record PictureSubject
{
    /// <summary>A subject.</summary>
    /// <param name="source">Kind of the units: <c>neurons</c>, a dictionary's name, <c>logits</c>, …; stored with each picture.</param>
    /// <param name="objective">What is maximised.</param>
    /// <param name="names">What to call the units, a part of file names, one a picture; null: their numbers. Further pictures of a unit get
    /// <c>-r2</c>, <c>-r3</c>, … after it.</param>
    /// <param name="inputs">What the pictures were made from that the objective does not name, such as the weights' hashes or an image; one
    /// a picture; null: nothing.</param>
    /// <exception cref="FoveaException">Two pictures would have the same file, or there is not one entry for each.</exception>
    public PictureSubject(string source, IObjective objective, IReadOnlyList<string>? names = null, IReadOnlyList<string>? inputs = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(objective);
        IReadOnlyList<PictureKey> keys = objective.Keys;
        if ((names ?? inputs) is { } entries && (entries.Count != keys.Count || (inputs ?? entries).Count != keys.Count))
            throw FoveaException.BadConfiguration($"{entries.Count} names for {keys.Count} pictures of {source}.");
        (Source, Objective, Inputs) = (source, objective, inputs ?? [.. keys.Select(_ => "")]);
        Files = [.. keys.Select((key, i) => SafeName.Of((names?[i] ?? $"{key.Unit}") + (key.Replica == 0 ? "" : $"-r{key.Replica + 1}")))];
        string? twice = Files.CountBy(file => file).FirstOrDefault(pair => pair.Value > 1).Key;
        if (twice is not null) throw FoveaException.BadConfiguration($"Two pictures of {source} would be called {twice}.");
    }

    private PictureSubject(PictureSubject whole, int start, int count)
    {
        (Source, Objective) = (whole.Source, whole.Objective.Slice(start, count));
        (Files, Inputs) = ([.. whole.Files.Skip(start).Take(count)], [.. whole.Inputs.Skip(start).Take(count)]);
    }

    /// <summary>Kind of the units.</summary>
    public string Source { get; }

    /// <summary>What is maximised.</summary>
    public IObjective Objective { get; }

    /// <summary>The part of each picture's file name that tells it from the others.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>What each picture was made from besides.</summary>
    public IReadOnlyList<string> Inputs { get; }

    /// <summary>Units of a group, neurons by their channel, latents by their pre-activation, in the mean over positions.</summary>
    /// <param name="group">The group.</param>
    /// <param name="units">Its units.</param>
    /// <param name="inputs">What tells this network and dictionary from others of the same name, such as the weights' hash; pictures made
    /// with other inputs are made anew.</param>
    public static PictureSubject Of(UnitGroup group, IReadOnlyList<int> units, string inputs = "")
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(units);
        return new PictureSubject(group.Name,
            group.Autoencoder is { } autoencoder
                ? new LatentObjective(group.Layer, autoencoder, units)
                    : new UnitObjective(group.Layer, units), inputs: [.. units.Select(_ => inputs)]);
    }

    /// <summary>Some of the pictures.</summary>
    internal PictureSubject Slice(int start, int count) => new(this, start, count);
}
