using Fovea.Models.Edits;
using static TorchSharp.torch;

namespace Fovea.Interventions.Studies;

/// <summary>
/// Several changes of one layer as the units of one <see cref="Intervention"/>, so that what measures one measures them together. Each image
/// is changed as <see cref="ImageStudy"/> changes it; the operation of the intervention has no say.
/// </summary>
/// <param name="changes">On one layer; none of them resampled.</param>
/// <param name="grid">Rows and columns of the layer's grid; null: it has no positions.</param>
internal sealed class ChangesTogether(IReadOnlyList<Intervention> changes, (int Height, int Width)? grid) : EditedUnits
{
    /// <inheritdoc/>
    public override string Caption => string.Join("; ", changes.Select(one => one.Caption));

    /// <inheritdoc/>
    public override Tensor Apply(Tensor vectors, UnitOperation operation, Tensor? others)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        using var scope = NewDisposeScope();
        Tensor images = grid is var (height, width)
            ? vectors.reshape(-1, height, width, vectors.shape[1]).movedim([-1], [1]) : vectors;
        Tensor[] changed = [.. Enumerable.Range(0, (int)images.shape[0]).Select(image => LayerChanges.Apply(images.narrow(0, image, 1), changes))];
        return LayerChanges.Vectors(cat(changed)).MoveToOuterDisposeScope();
    }
}
