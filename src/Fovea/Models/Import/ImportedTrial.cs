using static TorchSharp.torch;

namespace Fovea.Models.Import;

/// <summary>
/// Opens a network and runs it once: sizes of a file may lie, and a number of images that the exporter fixed may not be in sizes alone.
/// </summary>
internal static class ImportedTrial
{
    /// <summary>What to do about an operation that needs the number of images themselves.</summary>
    public const string ExportForOne = " (exported for one image, with no size left open, the network is run one image at a time)";

    /// <summary>What every sentence about that says.</summary>
    private const string OfImages = "number of images";

    private const long MostCompared = 1 << 26;

    /// <summary>
    /// The network; where it calculates with the number of images in a way that cannot be followed, and leaves that open, for one image at a
    /// time.
    /// </summary>
    /// <param name="open">Opens it; for one image at a time, or for any number.</param>
    public static ImportedNetwork OpenForOne(Func<bool, ImportedNetwork> open)
    {
        try
        {
            return open(false);
        }
        catch (FoveaException e) when (e.Kind == FailureKind.Data && e.Message.Contains(OfImages, StringComparison.Ordinal))
        {
            if (Alone(open) is { } network) return network;
            throw;
        }
    }

    private static ImportedNetwork? Alone(Func<bool, ImportedNetwork> open)
    {
        try
        {
            return open(true);
        }
        catch (FoveaException e) when (e.Kind == FailureKind.Data)
        {
            return null;
        }
    }

    /// <summary>The network; dispose it.</summary>
    /// <param name="read">Reads the file; with a fixed number of images taken out of sizes, or as it is written.</param>
    /// <param name="asked">Which of its outputs is the answer; null: found by shape.</param>
    /// <param name="classes">How many classes the answer has, where that is known.</param>
    /// <exception cref="FoveaException">It cannot be run.</exception>
    public static ImportedNetwork Open(Func<bool, ImportedProgram> read, string? asked, int? classes)
    {
        ImportedProgram program = read(true);
        if (program.Batch is null || program.ImageSize is null)
            return Tried(ImportedBuild.Build(program, asked, classes, null), program.ImageSize, program.Path);

        // The exporter fixed the number of images: sizes were freed from it, which the numbers have to bear out.
        (int Height, int Width) size = program.ImageSize.Value;
        ImportedNetwork? freed = null, literal = null;
        try
        {
            freed = Freed(program, asked, classes);
            literal = ImportedBuild.Build(read(false), asked, classes, program.Batch);
            bool agree = freed is not null && Agree(freed, literal, size, program.Batch.Value, program.Path);
            if (!agree && freed is null) Tried(literal, size, program.Path);
            (agree ? literal : freed)?.Dispose();
            return agree ? freed! : literal;
        }
        catch
        {
            freed?.Dispose();
            literal?.Dispose();
            throw;
        }
    }

    /// <summary>The network with sizes freed; null where its operations then no longer fit each other.</summary>
    private static ImportedNetwork? Freed(ImportedProgram program, string? asked, int? classes)
    {
        try
        {
            return ImportedBuild.Build(program, asked, classes, null);
        }
        catch (FoveaException e) when (e.Kind == FailureKind.Data)
        {
            return null;
        }
    }

    /// <summary>
    /// Whether the freed network gives images alone what the network as written gives them together, with others beside them, in each of its
    /// outputs.
    /// </summary>
    private static bool Agree(ImportedNetwork freed, ImportedNetwork literal, (int Height, int Width) size, int batch, string path)
    {
        // What cannot be run once sizes are freed is not lost for that.
        if (!freed.Outputs.Select(one => one.Name).SequenceEqual(literal.Outputs.Select(one => one.Name))) return false;
        if ((batch + 1L) * 3 * size.Height * size.Width > MostCompared) return false;
        using var scope = NewDisposeScope();
        Tensor images = BatchCheck.Images(batch + 1, size.Height, size.Width, Plain(literal, size)), expected = Run(literal, images, path);
        try
        {
            using ImageModel one = freed.ToModel(Plain(freed, size), asWritten: true), written = literal.ToModel(Plain(literal, size), asWritten: true);
            foreach (var (mine, its) in freed.Outputs.Zip(literal.Outputs))
            {
                // What has no rows for each image is read of as many as the file is for.
                Tensor? rows = its.Value == literal.Graph.Output ? expected : ValueOf(written, images, its.Value);
                Tensor given = rows is null ? images.narrow(0, 0, batch) : images;
                if ((rows ?? ValueOf(written, given, its.Value)) is not { } whole || !Same(one, given, mine.Value, whole)) return false;
                long each = rows is null ? 0 : whole.shape[0] / (batch + 1);
                if (each > 0 && !Same(one, images.narrow(0, batch, 1), mine.Value, whole.narrow(0, batch * each, each))) return false;
            }
            return true;
        }
        catch (Exception e) when (IsOfLibtorch(e) || e is FoveaException { Kind: FailureKind.Data })
        {
            // It refuses shapes that do not fit: the number of images is in them.
            return false;
        }
    }

    private static bool Same(ImageModel model, Tensor images, string value, Tensor expected) => ValueOf(model, images, value) is { } found
        && found.shape.AsSpan().SequenceEqual(expected.shape) && (found.numel() == 0 || BatchCheck.Relative(found, expected) < BatchCheck.Rounding);

    /// <summary>A value of a network; null where it cannot be read of so many images.</summary>
    private static Tensor? ValueOf(ImageModel model, Tensor images, string value)
    {
        try
        {
            return model.Forward(images, new Probe([value]))[value];
        }
        catch (Exception e) when (IsOfLibtorch(e) || e is FoveaException { Kind: FailureKind.Data or FailureKind.Configuration })
        {
            return null;
        }
    }

    /// <summary>The network, if it can be run at all.</summary>
    private static ImportedNetwork Tried(ImportedNetwork network, (int Height, int Width)? size, string path)
    {
        if (size is not { } side || 3L * side.Height * side.Width > MostCompared) return network;
        using var scope = NewDisposeScope();
        try
        {
            Run(network, BatchCheck.Images(1, side.Height, side.Width, Plain(network, side)), path);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private static Tensor Run(ImportedNetwork network, Tensor images, string path)
    {
        try
        {
            using ImageModel model = network.ToModel(Plain(network, ((int)images.shape[2], (int)images.shape[3])), asWritten: true);
            return model.Forward(images);
        }
        catch (Exception e) when (IsOfLibtorch(e) || e is FoveaException { Kind: FailureKind.Data })
        {
            throw FoveaException.BadData($"{path} cannot be run as it is written: {e.Message.Split('\n')[0]}. Export it again.", e);
        }
    }

    private static Imaging.Preprocessing Plain(ImportedNetwork network, (int Height, int Width) size) =>
        network.UsualPreprocessing(size.Height, size.Width);

    private static bool IsOfLibtorch(Exception e) => e is not (FoveaException or OperationCanceledException) && !Shortage.Is(e);
}
