using Fovea.Checkpoints;
using Fovea.Interpretation.Relations;
using Fovea.Runs;
using static TorchSharp.torch;

namespace Fovea.Explorer.Compare;

/// <summary>
/// Profiles over classes of two sources, over the classes that both have images of: a correlation over different classes would say nothing.
/// </summary>
internal static class SharedProfiles
{
    /// <summary>Each unit's mean activation on the images of each class, less its mean over the classes.</summary>
    /// <returns>Owned by the caller; null where one of the two measured none.</returns>
    /// <exception cref="FoveaException">Data: a file is damaged, or fewer than two classes are shared.</exception>
    public static (UnitDirections A, UnitDirections B)? Of(RunFolder runA, ComparedSide a, RunFolder runB, ComparedSide b)
    {
        using var scope = NewDisposeScope();
        if (Means(runA, a) is not { } left || Means(runB, b) is not { } right) return null;
        if (left.shape[1] != right.shape[1])
            throw FoveaException.BadData($"The two have {left.shape[1]} and {right.shape[1]} classes: their profiles cannot be compared.");
        Tensor seen = (left.isfinite().all(0) & right.isfinite().all(0)).nonzero().view(-1);
        if (seen.shape[0] < 2) throw FoveaException.BadData("The two have images of fewer than two classes in common.");
        return (Directions(left, seen), Directions(right, seen));
    }

    private static Tensor? Means(RunFolder run, ComparedSide side)
    {
        string path = Path.Combine(run.Root, RunLayout.Units(side.Layer, side.Source), EvidenceTensors.FileName);
        if (!File.Exists(path)) return null;
        using SafetensorsFile file = SafetensorsFile.Open(path);
        if (!file.Tensors.TryGetValue(EvidenceTensors.ClassMeans, out SafetensorsTensor? means)) return null;
        if (means.Shape.Count != 2) throw FoveaException.BadData($"{path}: {EvidenceTensors.ClassMeans} must be [units, classes].");
        return file.ToTensor(EvidenceTensors.ClassMeans).to(float32);
    }

    private static UnitDirections Directions(Tensor means, Tensor seen)
    {
        Tensor kept = means.index_select(1, seen).contiguous();
        return UnitDirections.Of(kept.data<float>().ToArray(), (int)kept.shape[0], (int)kept.shape[1], centred: true);
    }
}
