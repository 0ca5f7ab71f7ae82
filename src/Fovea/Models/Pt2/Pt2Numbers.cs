using Fovea.Models.Import;

namespace Fovea.Models.Pt2;

/// <summary>Arithmetic with sizes: fixed numbers, and multiples of the number of images.</summary>
internal static class Pt2Numbers
{
    /// <summary>What a step that makes a size gives.</summary>
    /// <param name="node">The step.</param>
    /// <param name="look">The values before it.</param>
    /// <param name="images">The sizes of the images; the first is their number.</param>
    /// <exception cref="Pt2RefusedException">It depends on something else than the number of images.</exception>
    public static Pt2Value.Number Evaluate(Pt2Node node, Func<string, Pt2Slot> look, IReadOnlyList<Pt2Size> images)
    {
        if (node.Name == "sym_size")
        {
            if (node.Arguments.GetValueOrDefault("self") is not Pt2Argument.Value value
                || node.Arguments.GetValueOrDefault("dim") is not Pt2Argument.Sizes { Items: [(var dim, null)] })
                throw new Pt2RefusedException("it asks for no size of a tensor");
            var shape = look(value.Name).Shape ?? throw new Pt2RefusedException("the file says no sizes of what it asks for");
            if (dim < 0) dim += shape.Count;
            if (dim < 0 || dim >= shape.Count) throw new Pt2RefusedException($"it asks for size {dim} of {shape.Count}");
            return Of(shape[(int)dim], images[0]);
        }
        Pt2Value.Number[] numbers = [.. node.Arguments.Values.Select(argument => argument switch
        {
            Pt2Argument.Sizes { Items: [(var fixedSize, null)] } => new Pt2Value.Number(fixedSize, false),
            Pt2Argument.Sizes { Items: [(_, { } name)] } => Named(look(name)),
            Pt2Argument.Value value => Named(look(value.Name)),
            _ => throw new Pt2RefusedException("it calculates with something that is no whole number"),
        })];
        if (numbers is not [var a, var b]) throw new Pt2RefusedException($"it calculates with {numbers.Length} numbers");
        try
        {
            return checked((node.Name, a.PerImage, b.PerImage) switch
            {
                ("mul", false, false) => new Pt2Value.Number(a.Count * b.Count, false),
                ("mul", _, false) or ("mul", false, _) => new Pt2Value.Number(a.Count * b.Count, true),
                ("add", false, false) => new Pt2Value.Number(a.Count + b.Count, false),
                ("add", true, true) => new Pt2Value.Number(a.Count + b.Count, true),
                ("sub", false, false) => new Pt2Value.Number(a.Count - b.Count, false),
                ("floordiv", var per, false) when b.Count > 0 && a.Count % b.Count == 0 => new Pt2Value.Number(a.Count / b.Count, per),
                _ => throw new Pt2RefusedException("it is no multiple of the number of images" + ImportedTrial.ExportForOne),
            });
        }
        catch (OverflowException)
        {
            throw new Pt2RefusedException("its sizes are too large");
        }
    }

    private static Pt2Value.Number Named(Pt2Slot slot) => slot.Value switch
    {
        Pt2Value.Number number => number,
        Pt2Value.Refused refused => throw new Pt2RefusedException(refused.Why, complete: true),
        _ => throw new Pt2RefusedException("it calculates with a tensor"),
    };

    /// <summary>
    /// A size of some tensor: the expression of the number of images itself, or one whose value at export is a multiple of theirs.
    /// </summary>
    private static Pt2Value.Number Of(Pt2Size size, Pt2Size images)
    {
        if (size.Length is { } length) return new Pt2Value.Number(length, false);
        if (images.Length is null && size.Expression == images.Expression) return new Pt2Value.Number(1, true);
        if (images.Expression.Length > 0 && size.Expression.Contains(images.Expression, StringComparison.Ordinal)
            && images.Hint is > 1 and var batch
            && size.Hint is { } hint && hint % batch == 0 && size.Expression == $"Mul(Integer({hint / batch}), {images.Expression})")
        {
            return new Pt2Value.Number(hint / batch, true);
        }
        throw new Pt2RefusedException(
            "it depends on the images' height or width, or on something else that is not fixed: export with all but the number of images "
                + "fixed");
    }
}
