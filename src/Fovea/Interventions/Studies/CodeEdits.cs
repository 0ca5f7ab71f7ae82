using Fovea.Dictionaries;
using Fovea.Models.Edits;
using static TorchSharp.torch;

namespace Fovea.Interventions.Studies;

/// <summary>
/// Changes of latents of one dictionary at one layer, made together: all on the codes f that the vectors have before any of them, in their
/// order. With Δ = f′ − f, of which only columns of changed latents are made, and the decoder's rows D (times each vector's own scale, where
/// the dictionary has one),
/// <code>
/// x′ = x + Δ D        error kept
/// x′ = x̂ + Δ D        error dropped, at the positions of the changes
/// </code>
/// One change alone is what <see cref="Intervention.Apply"/> makes of it, without coding all latents once more.
/// </summary>
internal static class CodeEdits
{
    /// <summary>The layer's output after the changes.</summary>
    /// <param name="output"><c>[1, C, H, W]</c> or <c>[1, C]</c>; not changed.</param>
    /// <param name="changes">On <see cref="Latents"/> of one dictionary.</param>
    /// <param name="codes">Of the output.</param>
    /// <returns>A tensor of that shape, in the current dispose scope.</returns>
    /// <exception cref="FoveaException">Some keep the error and some drop it, a position is not on the grid, or other images are
    /// needed.</exception>
    public static Tensor Apply(Tensor output, IReadOnlyList<Intervention> changes, CodedVectors codes)
    {
        Latents[] units = [.. changes.Select(one => (Latents)one.Units)];
        IFeatureDictionary dictionary = units[0].Dictionary;
        if (units.Any(one => one.Error != units[0].Error))
            throw FoveaException.BadConfiguration(
                $"Changes of {changes[0].Layer} both keep and drop the error of '{dictionary.Name}': take one of the two.");
        if (output.dim() != 4 && changes.Any(one => one.Positions is not null))
            throw FoveaException.BadConfiguration($"{changes[0].Layer} has no positions: an intervention on it is made everywhere.");
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor last = output.movedim([1], [-1]), vectors = last.reshape(-1, output.shape[1]);
        Tensor start = units[0].Error == DictionaryError.Kept ? vectors
            : Elsewhere(changes, codes.Maps, vectors.device) is { } elsewhere
                ? where(elsewhere, vectors, Like(codes.Reconstruction, vectors)) : Like(codes.Reconstruction, vectors);
        Tensor result = Change(changes, units, dictionary, codes) is { } change ? start + Like(change, vectors) : start;
        return result.reshape(last.shape).movedim([-1], [1]).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>Δ D on each vector's scale, <c>[positions, d]</c>; null where no code changes.</summary>
    private static Tensor? Change(
        IReadOnlyList<Intervention> changes, Latents[] units, IFeatureDictionary dictionary, CodedVectors codes)
    {
        bool[] all = [.. changes.Select((one, i) => units[i].Chosen.Count == 0 && one.Operation is not UnitOperation.Scaling { Factor: 1 })];
        int[] changed = all.Contains(true) ? [.. Enumerable.Range(0, dictionary.LatentSize)]
            : [.. units.SelectMany(one => one.Chosen).Distinct().Order()];
        if (changed.Length == 0) return null;
        Tensor before = codes.Columns(changed), after = before;
        for (int i = 0; i < changes.Count; i++)
        {
            if (changes[i].NeedsOthers)
                throw FoveaException.BadConfiguration("Resampling takes values from other images, and there is only one.");
            if (units[i].Chosen.Count == 0 && !all[i]) continue;
            int[] places = all[i] ? [.. Enumerable.Range(0, changed.Length)]
                : [.. units[i].Chosen.Select(latent => Array.BinarySearch(changed, latent))];
            Tensor index = tensor(places, int64, device: after.device), part = after.index_select(1, index);
            Tensor edited = changes[i].Operation.Apply(part, null);
            if (changes[i].Positions is { } positions) edited = where(Mask(positions, changes[i].Layer, codes.Maps, part.device), edited, part);
            after = after.index_copy(1, index, edited.contiguous());
        }
        return codes.Added(after - before, changed);
    }

    /// <summary>Positions that no change is made at, <c>[positions, 1]</c>; null: there are none.</summary>
    private static Tensor? Elsewhere(IReadOnlyList<Intervention> changes, UnitMaps grid, Device device)
    {
        if (changes.Any(one => one.Positions is null)) return null;
        return Mask([.. changes.SelectMany(one => one.Positions!)], changes[0].Layer, grid, device).logical_not();
    }

    private static Tensor Mask(IReadOnlyList<(int Y, int X)> positions, string layer, UnitMaps grid, Device device)
    {
        var mask = new bool[grid.Positions];
        foreach (var (y, x) in positions)
        {
            if (y < 0 || y >= grid.Height || x < 0 || x >= grid.Width)
                throw FoveaException.BadConfiguration($"Position ({y}, {x}) is not on the grid of {layer}, {grid.Height} × {grid.Width}.");
            mask[y * grid.Width + x] = true;
        }
        return tensor(mask, [mask.Length, 1], device: device);
    }

    private static Tensor Like(Tensor values, Tensor other) => values.to(other.device).to(other.dtype);
}
