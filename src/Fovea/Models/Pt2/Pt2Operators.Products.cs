using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models.Pt2;

/// <summary>Products of tensors, lengths and distances, functions of matrices.</summary>
internal static partial class Pt2Operators
{
    private static void AddProducts()
    {
        Lines["tensordot"] = Contracted;
        Lines["outer"] = c => Einsum("i,j->ij", c.Tensor("self"), c.Tensor("vec2"));
        Lines["ger"] = Lines["outer"];
        Lines["inner"] = c =>
        {
            (Pt2Slot one, Pt2Slot other) = (c.Tensor("self"), c.Tensor("other"));
            string first = Letters('a', Rank(one) - 1), second = Letters('A', Rank(other) - 1);
            return Einsum($"{first}z,{second}z->{first}{second}", one, other);
        };
        // Of three numbers along a dimension: each by the next of the other, less the other way round.
        Lines["linalg_cross"] = c => Crossed(c, c.Int("dim", -1));
        Lines["cross"] = c => c.Has("dim") ? Crossed(c, c.Int("dim", -1)) : throw new Pt2RefusedException("it does not say its dimension");
        // beta · self + alpha · the product.
        Lines["addmv"] = c => Sum(c, c.Before("matmul", OperatorAttributes.None, c.Tensor("mat"), c.Tensor("vec")));
        Lines["addr"] = c => Sum(c, c.Before("einsum", new() { ["equation"] = "i,j->ij" }, c.Tensor("vec1"), c.Tensor("vec2")));
        Lines["linalg_multi_dot"] = c =>
        {
            Pt2Slot?[] matrices = [.. c.Tensors("tensors")];
            if (matrices.Length < 2) throw new Pt2RefusedException("it multiplies one matrix");
            return new("matmul", OperatorAttributes.None, [matrices[..^1].Aggregate((all, next) => c.Before("matmul", OperatorAttributes.None, all, next)),
                matrices[^1]]);
        };
        // x1 · W_o · x2 for each output o.
        Lines["bilinear"] = c =>
        {
            Pt2Slot one = c.Tensor("input1"), weight = c.Tensor("weight"), other = c.Tensor("input2");
            string leading = Letters('a', Rank(one) - 1), equation = $"{leading}x,oxy,{leading}y->{leading}o";
            if (c.Optional("bias") is not { } bias) return new("einsum", new() { ["equation"] = equation }, [one, weight, other]);
            return new("add", OperatorAttributes.None, [c.Before("einsum", new() { ["equation"] = equation }, one, weight, other), bias]);
        };
        Lines["linalg_norm"] = c => c.Has("ord") && (c.Argument("ord") is Pt2Argument.Text || c.Ints("dim").Length != 1)
            ? throw new Pt2RefusedException("it is a norm of a matrix") : Norm(c, "ord");
        Lines["linalg_matrix_norm"] = c => c.Text("ord", "fro") == "fro" && c.Argument("ord") is null or Pt2Argument.Text
            ? new("vector_norm", new() { ["order"] = 2.0, ["dims"] = c.Ints("dim", -2, -1), ["keepdim"] = c.Flag("keepdim", false) }, [c.Tensor("self")])
            : throw new Pt2RefusedException("it is a norm of a matrix that is not known here");
        Lines["pairwise_distance"] = c => new("vector_norm",
            new() { ["order"] = c.Number("p", 2), ["dims"] = new[] { -1L }, ["keepdim"] = c.Flag("keepdim", false) },
            [c.Before("add", new() { ["scalar"] = c.Number("eps", 1e-6) }, c.Before("sub", OperatorAttributes.None, c.Tensor("x1"), c.Tensor("x2")))]);
        Lines["cdist"] = c => new("cdist", new() { ["p"] = c.Number("p", 2) }, [c.Tensor("x1"), c.Tensor("x2")]);
        Lines["_cdist_forward"] = Lines["cdist"];
        Lines["matrix_exp"] = Lines["linalg_matrix_exp"] = c => new("matrix_exp", OperatorAttributes.None, [c.Tensor("self")]);
        Lines["linalg_inv"] = c => new("inverse", OperatorAttributes.None, [c.Tensor("A")]);
        Lines["inverse"] = c => new("inverse", OperatorAttributes.None, [c.Tensor("self")]);
        Lines["linalg_det"] = c => new("det", OperatorAttributes.None, [c.Tensor("A")]);
        Lines["det"] = c => new("det", OperatorAttributes.None, [c.Tensor("self")]);
        Lines["linalg_matrix_power"] = Lines["matrix_power"] = c => c.Int("n", 1) is >= 1 and <= 64 and var power
            ? new("matmul", OperatorAttributes.None, [Power(c, power - 1), c.Tensor("self")])
            : throw new Pt2RefusedException("its power is not one of 1 to 64");
    }

    private static Pt2Step Crossed(Pt2Call c, long dim)
    {
        Pt2Slot one = c.Tensor("self"), other = c.Tensor("other");
        return new("sub", OperatorAttributes.None, [Of(c, "mul", Next(one, 2), Next(other, 1)), Of(c, "mul", Next(one, 1), Next(other, 2))]);

        Pt2Slot Next(Pt2Slot value, long by) => c.Before("roll", new() { ["shifts"] = new[] { by }, ["dims"] = new[] { dim } }, value);
    }

    private static Pt2Step Einsum(string equation, params Pt2Slot[] factors) => new("einsum", new() { ["equation"] = equation }, factors);

    private static int Rank(Pt2Slot slot) => slot.Shape is { Count: > 0 and <= 12 and var rank } ? rank : slot.Value is Pt2Value.Known known
        && known.Tensor.dim() is > 0 and <= 12 ? (int)known.Tensor.dim() : throw new Pt2RefusedException("the file says no sizes of what it multiplies");

    private static string Letters(char first, int count) => string.Concat(Enumerable.Range(0, count).Select(i => (char)(first + i)));

    /// <summary>The sum of products over pairs of dimensions; those that are left, the first value's first.</summary>
    private static Pt2Step Contracted(Pt2Call c)
    {
        (Pt2Slot one, Pt2Slot other) = (c.Tensor("self"), c.Tensor("other"));
        long[] here = c.Ints("dims_self"), there = c.Ints("dims_other");
        char[] first = Letters('a', Rank(one)).ToCharArray(), second = Letters('A', Rank(other)).ToCharArray();
        if (here.Length != there.Length) throw new Pt2RefusedException("its dimensions do not pair");
        for (int i = 0; i < here.Length; i++) second[At(there[i], second.Length)] = first[At(here[i], first.Length)];
        string left = string.Concat(first.Except(second)) + string.Concat(second.Except(first));
        return Einsum($"{new string(first)},{new string(second)}->{left}", one, other);

        static long At(long dim, int rank) => dim >= -rank && dim < rank ? (dim + rank) % rank
            : throw new Pt2RefusedException($"it multiplies along dimension {dim} of {rank}");
    }

    private static Pt2Step Sum(Pt2Call c, Pt2Slot product) => new("add", OperatorAttributes.None,
        [Times(c, c.Tensor("self"), c.Number("beta", 1)), Times(c, product, c.Number("alpha", 1))]);

    /// <summary>A matrix as many times as a factor; none: 1 in its place.</summary>
    private static Pt2Slot Power(Pt2Call c, long times)
    {
        Pt2Slot matrix = c.Tensor("self"), all = matrix;
        if (times == 0)
            return matrix.Shape is [.., { Length: { } size }] ? Pt2Call.Known(eye(size)) : throw new Pt2RefusedException("the file says no size of it");
        for (long i = 1; i < times; i++) all = c.Before("matmul", OperatorAttributes.None, all, matrix);
        return all;
    }
}
