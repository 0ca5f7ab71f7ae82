using Fovea.Checkpoints;
using Fovea.Models.Graph;
using Fovea.Models.Import;
using static TorchSharp.torch;

namespace Fovea.Models.Pt2;

/// <summary>A step with its arguments looked up: what translations read.</summary>
internal sealed class Pt2Call(
    Pt2Node node, Func<string, Pt2Slot> look, IReadOnlyList<Pt2Size>? outputShape, int? bakedBatch, Action freed,
    Func<Pt2Step, Pt2Slot> before, Func<string, ElementType?> typeOf)
{
    private const long Largest = 1 << 10;
    private const long MostNumbers = 1 << 29;

    /// <summary>What changes no number here: types of fractions, which are single, what is for training and gradients, where a result is
    /// kept, and sizes that follow from others.</summary>
    private static readonly HashSet<string> OfNoWeight = new(StringComparer.Ordinal)
    {
        "dtype", "layout", "memory_format", "momentum", "dropout_p", "padding_idx", "N", "C", "HxW", "output_padding", "compute_mode",
        "training", "train", "cudnn_enabled", "non_blocking", "pin_memory", "requires_grad", "sparse", "scale_grad_by_freq", "out", "stable",
    };

    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    public Pt2Node Node => node;

    /// <summary>An argument; null where it is not given.</summary>
    public Pt2Argument? Argument(string name)
    {
        _read.Add(name);
        return node.Arguments.GetValueOrDefault(name);
    }

    /// <summary>What is given and nobody looked at (a factor, a flag that is set, a second tensor): what it asks for would not be done.
    /// Null: there is none.</summary>
    public string? Passed => node.Arguments.Where(one => one.Value is not (Pt2Argument.None or Pt2Argument.Flag { On: false } or Pt2Argument.Other
        or Pt2Argument.Type) && !_read.Contains(one.Key) && !OfNoWeight.Contains(one.Key)).Select(one => one.Key).FirstOrDefault();

    /// <summary>The sizes of the first result, as the file says.</summary>
    public IReadOnlyList<Pt2Size>? OutputShape => outputShape;

    /// <summary>A step that is run before this one, where an operator is several of the catalogue's; its result, whose sizes are not
    /// said.</summary>
    public Pt2Slot Before(string name, OperatorAttributes attributes, params IReadOnlyList<Pt2Slot?> reads) =>
        before(new Pt2Step(name, attributes, reads));

    /// <summary>Whether an argument is given and not None.</summary>
    public bool Has(string name) => Argument(name) is not (null or Pt2Argument.None);

    /// <summary>The type of a tensor's numbers, as the file says; null where it says none that is known.</summary>
    public ElementType? TypeOf(string name) => Argument(name) is Pt2Argument.Value value ? typeOf(value.Name) : null;

    /// <summary>A tensor that must be there.</summary>
    public Pt2Slot Tensor(string name) => Optional(name) ?? throw new Pt2RefusedException($"its argument {name} is missing");

    public Pt2Slot? Optional(string name) => Argument(name) switch
    {
        null or Pt2Argument.None => null,
        Pt2Argument.Value value => Runnable(value.Name),
        _ => throw new Pt2RefusedException($"its argument {name} is no tensor"),
    };

    /// <summary>A tensor, or a number as one without dimensions.</summary>
    public Pt2Slot Operand(string name) => Argument(name) switch
    {
        Pt2Argument.Sizes { Items: [(var whole, null)], IsList: false } => Known(tensor(whole)),
        Pt2Argument.Numbers { Items: [var number], IsList: false } => Known(tensor((float)number)),
        Pt2Argument.Flag flag => Known(tensor(flag.On)),
        _ => Tensor(name),
    };

    /// <summary>A tensor that is known.</summary>
    public static Pt2Slot Known(Tensor tensor) => new(new Pt2Value.Known(tensor));

    public IReadOnlyList<Pt2Slot?> Tensors(string name) => Argument(name) is Pt2Argument.Values values
        ? [.. values.Names.Select(one => one.Length == 0 ? null : Runnable(one))]
        : throw new Pt2RefusedException($"its argument {name} is no list of tensors");

    public long Int(string name, long fallback) =>
        Ints(name, fallback) is [var one] ? one : throw new Pt2RefusedException($"its argument {name} is a list");

    public bool Flag(string name, bool fallback) => Argument(name) switch
    {
        null or Pt2Argument.None => fallback,
        Pt2Argument.Flag flag => flag.On,
        _ => throw new Pt2RefusedException($"its argument {name} is no flag"),
    };

    public string Text(string name, string fallback) =>
        Argument(name) is Pt2Argument.Text text ? text.Word : fallback;

    public double Number(string name, double fallback) => Argument(name) switch
    {
        null or Pt2Argument.None => fallback,
        Pt2Argument.Numbers { Items: [var one] } => one,
        Pt2Argument.Sizes { Items: [(var one, null)] } => one,
        _ => throw new Pt2RefusedException($"its argument {name} is no number"),
    };

    /// <summary>Whole numbers that are fixed.</summary>
    public long[] Ints(string name, params long[] fallback) => Argument(name) switch
    {
        null or Pt2Argument.None => fallback,
        Pt2Argument.Sizes sizes => [.. sizes.Items.Select(item => item.Name is null ? item.Length : Known(name, item.Name))],
        Pt2Argument.Value value => [Known(name, value.Name)],
        _ => throw new Pt2RefusedException($"its argument {name} is no list of whole numbers"),
    };

    /// <summary>Two numbers for height and width, of a size that an image can have.</summary>
    public long[] Pair(string name, params long[] fallback)
    {
        long[] given = Ints(name, fallback);
        if (given.Length == 0) given = fallback;
        if (given is not ([_] or [_, _]))
            throw new Pt2RefusedException($"its argument {name} has {given.Length} numbers, so it is not of images");
        if (given.Any(one => one is < 0 or > Largest))
            throw new Pt2RefusedException($"its argument {name} is [{string.Join(", ", given)}], which cannot be");
        return given.Length == 1 ? [given[0], given[0]] : given;
    }

    /// <summary>Sets the attribute <c>scalar</c> where an argument is a number; a tensor it returns.</summary>
    public Pt2Slot? ScalarOr(string name, OperatorAttributes attributes, string attribute = "scalar")
    {
        switch (Argument(name))
        {
            case Pt2Argument.Value value when Runnable(value.Name) is var slot:
                if (slot.Value is not Pt2Value.Number number) return slot;
                if (number.PerImage) throw new Pt2RefusedException("it calculates with the number of images" + ImportedTrial.ExportForOne);
                attributes[attribute] = number.Count;
                return null;
            case Pt2Argument.Sizes { Items: [var size], IsList: false }:
                if (NumberOf(size) is { PerImage: true }) throw new Pt2RefusedException("it calculates with the number of images" + ImportedTrial.ExportForOne);
                attributes[attribute] = NumberOf(size).Count;
                return null;
            case Pt2Argument.Numbers { Items: [var one] }:
                attributes[attribute] = one;
                return null;
            case Pt2Argument.Flag flag:
                attributes[attribute] = flag.On ? 1L : 0L;
                return null;
            default:
                throw new Pt2RefusedException($"its argument {name} is neither a tensor nor a number");
        }
    }

    /// <summary>A value that can be run; what cannot is said first, before anything is asked of its sizes.</summary>
    private Pt2Slot Runnable(string name) =>
        look(name) is { Value: Pt2Value.Refused refused } ? throw new Pt2RefusedException(refused.Why, complete: true) : look(name);

    /// <summary>A size: fixed, or so many for each image.</summary>
    private Pt2Value.Number NumberOf((long Length, string? Name) item)
    {
        if (item.Name is null) return new Pt2Value.Number(item.Length, false);
        return look(item.Name).Value switch
        {
            Pt2Value.Number number => number,
            Pt2Value.Refused refused => throw new Pt2RefusedException(refused.Why, complete: true),
            _ => throw new Pt2RefusedException("a size of it is calculated from the images' height or width: export with those fixed"),
        };
    }

    private long Known(string name, string value) => NumberOf((0, value)) is { PerImage: false } number ? number.Count
        : throw new Pt2RefusedException(
            $"its argument {name} depends on the number of images{ImportedTrial.ExportForOne}");

    /// <summary>
    /// The attributes <c>shape</c> and <c>from</c> of an operation with sizes. Where one size alone depends on the number of images it
    /// becomes −1, which is the same and holds for any batch; where the exporter fixed the batch, a first size that is a multiple of it is
    /// freed, if freeing is asked for.
    /// </summary>
    /// <param name="name">The argument.</param>
    /// <param name="attributes">Where to set them.</param>
    /// <param name="first">The first input, whose first dimension is that of the images where it depends on them; null: nothing is
    /// freed.</param>
    /// <param name="fill">Whether −1 means "what is left" (a reshape) and not "as it is" (an expansion).</param>
    public void Sizes(string name, OperatorAttributes attributes, Pt2Slot? first, bool fill)
    {
        Pt2Value.Number[] sizes = Argument(name) switch
        {
            Pt2Argument.Sizes given => [.. given.Items.Select(NumberOf)],
            _ => throw new Pt2RefusedException($"its argument {name} is no list of sizes"),
        };
        if (bakedBatch is { } batch && first is not null && sizes.Length > 0 && !sizes[0].PerImage) Free(sizes, batch, first, fill);
        int dynamic = sizes.Count(size => size.PerImage);
        if (fill && dynamic == 1)
        {
            int left = Array.FindIndex(sizes, size => !size.PerImage && size.Count == -1);
            if (left >= 0 && outputShape is { } shape && shape.Count == sizes.Length && shape[left].Length is { } length)
                sizes[left] = new Pt2Value.Number(length, false);
            if (!sizes.Any(size => !size.PerImage && size.Count == -1))
                sizes = [.. sizes.Select(size => size.PerImage ? new Pt2Value.Number(-1, false) : size)];
        }
        if (sizes.Aggregate((Int128)1, (all, size) => all > MostNumbers ? all : all * Math.Max(1, size.Count)) > MostNumbers)
            throw new Pt2RefusedException(
                $"its sizes are [{string.Join(", ", sizes.Select(size => size.Count))}], more than any network needs");
        attributes["shape"] = sizes.Select(size => size.Count).ToArray();
        if (sizes.Any(size => size.PerImage))
            attributes["from"] = sizes.Select(size => size.PerImage ? SizeList.PerImage : SizeList.Fixed).ToArray();
    }

    private void Free(Pt2Value.Number[] sizes, int batch, Pt2Slot first, bool fill)
    {
        bool ofImages = first.Value is Pt2Value.InGraph { OfImages: true };
        long? rows = first.Shape is [var leading, ..] ? leading.AtExport : null;
        long size = sizes[0].Count;
        if (fill && ofImages && size > 0 && size % batch == 0 && rows % batch == 0)
        {
            sizes[0] = new Pt2Value.Number(size / batch, true);
            freed();
        }
        else if (!fill && ofImages && size > 0 && size == rows)
        {
            sizes[0] = new Pt2Value.Number(-1, false);
            freed();
        }
        else if (!fill && !ofImages && size == batch && rows == 1)
        {
            sizes[0] = new Pt2Value.Number(1, true);
            freed();
        }
    }
}
