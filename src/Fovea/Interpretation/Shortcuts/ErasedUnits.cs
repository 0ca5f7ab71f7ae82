using Fovea.Models.Edits;
using static TorchSharp.torch;

namespace Fovea.Interpretation.Shortcuts;

/// <summary>
/// The coefficients of an erasure as units: rⱼ · (x − μ). Put to 0 they are erased (<see cref="LinearErasure"/>); as they are, x stays.
/// </summary>
internal sealed class ErasedUnits(LinearErasure erasure) : EditedUnits
{
    public override string Caption => $"{erasure.Rank} erased direction{(erasure.Rank == 1 ? "" : "s")}";

    public override Tensor Apply(Tensor vectors, UnitOperation operation, Tensor? others)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        ArgumentNullException.ThrowIfNull(operation);
        int d = erasure.Mean.Length;
        if (vectors.shape[1] != d)
            throw FoveaException.BadConfiguration($"An erasure of vectors of {d} components on a layer of {vectors.shape[1]} channels.");
        if (erasure.Rank == 0) return vectors.alias();
        Tensor mean = Matrix([erasure.Mean]), read = Matrix(erasure.Read).t(), write = Matrix(erasure.Write);
        Tensor values = (vectors - mean).mm(read);
        Tensor changed = operation.Apply(values, others is null ? null : (others - mean).mm(read));
        return vectors + (changed - values).mm(write);

        Tensor Matrix(double[][] rows) =>
            tensor([.. rows.SelectMany(row => row)], [rows.Length, d], float64).to(vectors.dtype).to(vectors.device);
    }
}
