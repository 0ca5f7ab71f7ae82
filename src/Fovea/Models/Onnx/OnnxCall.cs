using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models.Onnx;

/// <summary>
/// A node with its inputs looked up: what the lines of <see cref="OnnxOperators"/> read, and what they add operations of the catalogue by.
/// </summary>
internal sealed class OnnxCall(OnnxImporter importer, OnnxNode node, long version, OnnxValue?[] inputs)
{
    private const long Largest = 1 << 10;

    public OnnxNode Node => node;

    /// <summary>The version of the operators (opset) that the file counts on.</summary>
    public long Version => version;

    /// <summary>Number of inputs, absent ones included.</summary>
    public int Count => inputs.Length;

    /// <summary>Whether the file fixed the number of images and it is to be taken out of sizes.</summary>
    public int? BakedBatch => importer.BakedBatch;

    /// <summary>An input that must be there.</summary>
    public OnnxValue this[int input] => Optional(input) ?? throw new OnnxRefusedException($"its input {input} is missing");

    /// <summary>All inputs, where none may be absent.</summary>
    public OnnxValue[] All => [.. Enumerable.Range(0, Count).Select(i => this[i])];

    /// <summary>An input that may be absent.</summary>
    public OnnxValue? Optional(int input) => input < inputs.Length ? inputs[input] : null;

    public bool Has(int input) => Optional(input) is not null;

    public bool HasAttribute(string name) => node.Attributes.ContainsKey(name);

    /// <summary>A whole number; <paramref name="fallback"/> where it is not given.</summary>
    public long Int(string name, long? fallback = null) => Attribute(name, 2, fallback is null)?.Whole ?? fallback!.Value;

    public bool Flag(string name, bool fallback) => Int(name, fallback ? 1 : 0) != 0;

    public double Number(string name, double? fallback = null) => Attribute(name, 1, fallback is null)?.Number ?? fallback!.Value;

    public string Text(string name, string? fallback = null) => Attribute(name, 3, fallback is null)?.Text ?? fallback!;

    public long[] Ints(string name, params long[] fallback) => Attribute(name, 7, false)?.Wholes.ToArray() ?? fallback;

    public double[] Numbers(string name, params double[] fallback) =>
        Attribute(name, 6, false) is { } given ? [.. given.Numbers.Select(one => (double)one)] : fallback;

    /// <summary>The tensor that an attribute is.</summary>
    public OnnxValue.Known TensorOf(string name) => Attribute(name, 4, true)?.Tensor is { } tensor
        ? importer.Known(tensor) : throw new OnnxRefusedException($"its attribute {name} is no tensor");

    /// <summary>Two numbers for height and width, of a size that an image can have.</summary>
    public long[] Pair(string name, params long[] fallback)
    {
        long[] given = Ints(name, fallback);
        if (given.Length != 2) throw new OnnxRefusedException($"its {name} has {given.Length} numbers, so it is not of images");
        if (given.Any(one => one is < 0 or > Largest))
            throw new OnnxRefusedException($"its {name} is [{string.Join(", ", given)}], which cannot be");
        return given;
    }

    /// <summary>The numbers of an input that are known and the same for any number of images; null where they are not.</summary>
    public Tensor? Fixed(int input) => Optional(input) is OnnxValue.Known { IsFixed: true } known ? known.At(0) : null;

    /// <summary>Whole numbers of an input that must be known and the same for any number of images.</summary>
    public long[] Wholes(int input) => Fixed(input) is { } tensor
        ? [.. Read(tensor)] : throw new OnnxRefusedException(Optional(input) is OnnxValue.Known
            ? $"its input {input} depends on the number of images" : $"its input {input} depends on the images");

    /// <summary>A number of an input that must be known.</summary>
    public double Scalar(int input) => Fixed(input) is { } tensor && tensor.numel() == 1
        ? tensor.to(float64).reshape(1).item<double>()
        : throw new OnnxRefusedException($"its input {input} is no number that the file says");

    /// <summary>Numbers of an input that must be known.</summary>
    public double[] Reals(int input) => Fixed(input) is { } tensor && tensor.numel() <= Largest * Largest
        ? tensor.to(float64).contiguous().data<double>().ToArray()
        : throw new OnnxRefusedException($"its input {input} is no list of numbers that the file says");

    /// <summary>Whole numbers of an input that must be known, at each point.</summary>
    public IReadOnlyList<long[]> WholesAt(int input) => this[input] is OnnxValue.Known known
        ? [.. Enumerable.Range(0, importer.Points.Count).Select(point => Read(known.At(point)))]
        : throw new OnnxRefusedException($"its input {input} depends on the images");

    /// <summary>Whole numbers of an input as sizes: fixed, or so many for each image.</summary>
    public OnnxSize[] Sizes(int input)
    {
        if (this[input] is not OnnxValue.Known known)
            throw new OnnxRefusedException("a size of it is calculated from the images' numbers");
        long[][] at = [.. Enumerable.Range(0, importer.Points.Count).Select(point => Read(known.At(point)))];
        if (at.Any(one => one.Length != at[0].Length)) throw new OnnxRefusedException("it has as many sizes as there are images");
        return [.. Enumerable.Range(0, at[0].Length).Select(i => Size(point => at[point][i]))];
    }

    /// <summary>The sizes of a value: fixed, or so many for each image.</summary>
    public OnnxSize[] SizesOf(OnnxValue value)
    {
        long[][] at = importer.SizesOf(value);
        return [.. Enumerable.Range(0, at[0].Length).Select(i => Size(point => at[point % at.Length][i]))];
    }

    /// <summary>Heights and widths of a value of images at each point.</summary>
    public IReadOnlyList<long[]> SidesOf(OnnxValue value) => [.. importer.SizesOf(value).Select(sizes => sizes[2..4])];

    /// <summary>What follows from the sizes of a value: known for each number of images.</summary>
    public OnnxValue AtPoints(OnnxValue value, Func<long[], Tensor> make)
    {
        long[][] at = importer.SizesOf(value);
        return at.All(one => one.AsSpan().SequenceEqual(at[0]))
            ? new OnnxValue.Known(make(at[0])) : new OnnxValue.Known([.. at.Select(make)]);
    }

    /// <summary>
    /// Numbers that are known with the number of images that they are for: of each point, or of the batch that the file fixed.
    /// </summary>
    public IEnumerable<(Tensor Numbers, long Images)> Tables(OnnxValue.Known known)
    {
        if (known.IsFixed) return BakedBatch is { } batch ? [(known.At(0).to(int64), batch)] : [];
        return importer.Points.Select((point, i) => (known.At(i).to(int64), point.Images));
    }

    /// <summary>The sizes of a value for each number and size of images that is followed.</summary>
    public IReadOnlyList<long[]> AllSizesOf(OnnxValue value) => importer.SizesOf(value);

    /// <summary>The number of dimensions of a value.</summary>
    public int Rank(OnnxValue value) => importer.SizesOf(value)[0].Length;

    /// <summary>The type of a value's numbers.</summary>
    public static ScalarType TypeOf(OnnxValue value) => OnnxImporter.TypeOf(value);

    /// <summary>A dimension counted from the front.</summary>
    public long Axis(long axis, int rank) => axis >= -rank && axis < rank ? axis < 0 ? axis + rank : axis
        : throw new OnnxRefusedException($"it names dimension {axis} of {rank}");

    /// <summary>Numbers that are known.</summary>
    public static OnnxValue.Known Constant(Tensor tensor) => new(tensor);

    /// <summary>What follows from inputs that are known, for each number of images.</summary>
    public OnnxValue.Known Calculate(Func<Tensor[], Tensor> make) => importer.Calculate(All, make);

    /// <summary>
    /// Adds an operation of the catalogue with one result. Where everything it reads is known it is calculated, and the result is known.
    /// </summary>
    public OnnxValue Add(string name, OperatorAttributes attributes, params IReadOnlyList<OnnxValue?> reads) =>
        importer.Apply(new OnnxStep(name, attributes, reads), 1, node)[0];

    /// <summary>Adds an operation with several results.</summary>
    public OnnxValue[] AddMany(string name, OperatorAttributes attributes, int count, params IReadOnlyList<OnnxValue?> reads) =>
        importer.Apply(new OnnxStep(name, attributes, reads), count, node);

    /// <summary>
    /// An operation of two values; where the second is one number that the file says, it becomes an attribute of the operation.
    /// </summary>
    public OnnxValue Two(string name, OnnxValue one, OnnxValue other)
    {
        if (one is OnnxValue.InGraph && other is OnnxValue.Known { IsFixed: true } known && known.At(0) is var number
            && number.numel() == 1 && number.dim() <= Rank(one) && number.dtype == TypeOf(one))
        {
            // Without the cast a whole number would become a double.
            object scalar = number.is_floating_point()
                ? (double)number.reshape(1).item<float>() : (object)number.to(int64).reshape(1).item<long>();
            return Add(name, new() { ["scalar"] = scalar }, one);
        }
        return Add(name, OperatorAttributes.None, one, other);
    }

    /// <summary>A value in another shape with the same numbers.</summary>
    /// <param name="value">The value.</param>
    /// <param name="sizes">Its new sizes; one may be −1, what is left.</param>
    public OnnxValue Reshape(OnnxValue value, IReadOnlyList<OnnxSize> sizes)
    {
        OnnxSize[] given = [.. sizes];
        if (IsFlattening(SizesOf(value), given)) return Add("flatten", new() { ["start"] = 1 }, value);
        // One size that depends on the number of images is what is left: then no number of images is in the operation.
        if (given.Count(size => size.PerImage) == 1 && !given.Any(size => !size.PerImage && size.Count == -1))
            given = [.. given.Select(size => size.PerImage ? new OnnxSize(-1, false) : size)];
        OnnxStep step = new("reshape", Attributes(given), [value]);
        return importer.Apply(step, 1, node)[0];
    }

    /// <summary>Whether each image's numbers become one row, as before a linear layer.</summary>
    private static bool IsFlattening(OnnxSize[] old, OnnxSize[] given)
    {
        if (given.Length != 2 || old.Length < 3 || !old[0].PerImage || old.Skip(1).Any(size => size.PerImage)) return false;
        Int128 row = old.Skip(1).Aggregate((Int128)1, (all, size) => all > long.MaxValue ? all : all * size.Count);
        bool leftFirst = given[0] is { Count: -1, PerImage: false }, leftSecond = given[1] is { Count: -1, PerImage: false };
        return (leftFirst || given[0] == old[0]) && (leftSecond || (!given[1].PerImage && given[1].Count == row))
            && !(leftFirst && leftSecond);
    }

    /// <summary>The attributes <c>shape</c> and <c>from</c> of an operation with sizes.</summary>
    public static OperatorAttributes Attributes(IReadOnlyList<OnnxSize> sizes)
    {
        var attributes = new OperatorAttributes { ["shape"] = sizes.Select(size => size.Count).ToArray() };
        if (sizes.Any(size => size.PerImage))
            attributes["from"] = sizes.Select(size => size.PerImage ? SizeList.PerImage : SizeList.Fixed).ToArray();
        return attributes;
    }

    /// <summary>Notes that a fixed number of images was taken out of a size.</summary>
    public void Freed() => importer.Freed = true;

    /// <summary>Notes that the network was exported in training mode.</summary>
    public void Training() => importer.WasTraining = true;

    private OnnxSize Size(Func<int, long> at) => OnnxSize.Of(importer.Points, at) ?? throw new OnnxRefusedException(
        "a size of it is calculated from the images' height or width: export with those fixed, or say the size of images (--input-size)");

    private static long[] Read(Tensor tensor)
    {
        if (tensor.is_floating_point() || tensor.numel() > Largest * Largest)
            throw new OnnxRefusedException("sizes that are no whole numbers, or too many");
        return tensor.to(int64).contiguous().data<long>().ToArray();
    }

    private OnnxAttribute? Attribute(string name, long kind, bool needed)
    {
        if (!node.Attributes.TryGetValue(name, out OnnxAttribute? attribute))
            return needed ? throw new OnnxRefusedException($"its attribute {name} is missing") : null;
        return attribute.Kind == kind ? attribute : throw new OnnxRefusedException($"its attribute {name} is of another kind");
    }
}
