using Fovea.Models.Graph;

namespace Fovea.Models.Pt2;

/// <summary>Reductions, extremes and norms.</summary>
internal static partial class Pt2Operators
{
    private static void AddStatistics()
    {
        foreach (string name in (string[])["mean", "sum", "prod", "amax", "amin", "logsumexp"]) Lines[name] = c => Reduction(c, name);
        Lines["var"] = c => Spread(c, "variance", root: false);
        Lines["std"] = c => Spread(c, "variance", root: true);
        Lines["var_mean"] = c => Spread(c, "variance_and_mean", root: false);
        Lines["max"] = c => Extreme(c, "max_along", "maximum", "amax");
        Lines["min"] = c => Extreme(c, "min_along", "minimum", "amin");
        Lines["argmax"] = c => Place(c, "argmax");
        Lines["argmin"] = c => Place(c, "argmin");
        Lines["topk"] = c => new("topk",
            new() { ["count"] = c.Int("k", 1), ["dim"] = c.Int("dim", -1), ["largest"] = c.Flag("largest", true) }, [c.Tensor("self")]);
        Lines["cumsum"] = c => new("cumsum", new() { ["dim"] = c.Int("dim", 0) }, [c.Tensor("self")]);
        Lines["norm"] = c => Norm(c, "p");
        Lines["linalg_vector_norm"] = c => Norm(c, "ord");
        Lines["cosine_similarity"] = c => new("cosine_similarity", new() { ["dim"] = c.Int("dim", 1), ["eps"] = c.Number("eps", 1e-8) },
            [c.Tensor("x1"), c.Tensor("x2")]);
    }

    private static Pt2Step Reduction(Pt2Call c, string name) =>
        new(name, Over(c, new() { ["keepdim"] = c.Flag("keepdim", false) }), [c.Tensor("self")]);

    /// <summary>Sets <c>dims</c> where they are given. None given is over everything, which an image must not depend on.</summary>
    private static OperatorAttributes Over(Pt2Call c, OperatorAttributes attributes)
    {
        if (c.Ints("dim") is { Length: > 0 } dims) attributes["dims"] = dims;
        else if (c.Tensor("self").Value is Pt2Value.InGraph { OfImages: true })
            throw new Pt2RefusedException("it runs over everything, the images of a batch included: name the dimensions");
        return attributes;
    }

    /// <summary>Older overloads say whether the number is less one (unbiased), newer ones by how much.</summary>
    private static Pt2Step Spread(Pt2Call c, string name, bool root) => new(name, Over(c, new()
    {
        ["correction"] = c.Has("unbiased") ? c.Flag("unbiased", true) ? 1.0 : 0.0 : c.Number("correction", 1),
        ["keepdim"] = c.Flag("keepdim", false),
        ["root"] = root,
    }), [c.Tensor("self")]);

    private static Pt2Step Extreme(Pt2Call c, string along, string ofTwo, string ofAll)
    {
        if (c.Has("other")) return new(ofTwo, OperatorAttributes.None, [c.Tensor("self"), c.Tensor("other")]);
        return c.Has("dim")
            ? new(along, new() { ["dim"] = c.Int("dim", 0), ["keepdim"] = c.Flag("keepdim", false) }, [c.Tensor("self")])
            : Reduction(c, ofAll);
    }

    private static Pt2Step Place(Pt2Call c, string name) => c.Has("dim")
        ? new(name, new() { ["dim"] = c.Int("dim", 0), ["keepdim"] = c.Flag("keepdim", false) }, [c.Tensor("self")])
        : throw new Pt2RefusedException("it runs over everything, the images of a batch included: name the dimension");

    private static Pt2Step Norm(Pt2Call c, string order) => new("vector_norm",
        Over(c, new() { ["order"] = c.Number(order, 2), ["keepdim"] = c.Flag("keepdim", false) }), [c.Tensor("self")]);
}
