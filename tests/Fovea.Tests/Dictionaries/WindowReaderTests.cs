using Fovea.Activations;
using Fovea.Dictionaries;
using Fovea.Dictionaries.Sparse;
using Fovea.Dictionaries.Training;
using Fovea.Numerics;
using Xunit;

namespace Fovea.Tests.Dictionaries;

/// <summary>Vectors on a disk are read a window at a time; which vectors a step sees, and so every byte, stays the same.</summary>
[Collection(TensorCounts.Name)]
public sealed class WindowReaderTests
{
    private const int Dimension = 6;

    [Theory]
    [InlineData(5000, 640, 128, 1)]
    [InlineData(5000, 640, 100, 2)]
    [InlineData(5000, 64, 300, 2)]
    [InlineData(901, 4096, 64, 3)]
    [InlineData(1000, 130, 37, 2)]
    public void A_step_has_its_rows_wherever_a_window_ends(int count, int window, int batch, int epochs)
    {
        var rows = RowSet.Range(7, count);
        var plan = new TrainingPlan(Options with { BatchSize = batch, Epochs = epochs, MixingVectors = window }, rows, Dimension);
        var disk = new Disk(count + 7);
        using var reader = new WindowReader(disk, plan);
        for (long step = 0; step < plan.Steps; step++)
        {
            var wanted = new long[plan.RowsIn(step)];
            plan.RowsOf(step, wanted);
            var found = new float[wanted.Length * Dimension];
            reader.Read(step, 0, found);
            Assert.Equal(wanted, found.Chunk(Dimension).Select(vector => (long)vector[0]));
        }
        // Each vector once a pass; once in all where one window is a pass. And all were said before they were read.
        Assert.Equal(window >= count ? count : (long)count * epochs, disk.Rows);
        Assert.Equal(0, disk.Surprises);
        Assert.True(disk.LongestRun <= MixingOrder.Chunk);
    }

    [Fact]
    public void A_part_of_a_step_and_a_step_far_on_can_be_read_first()
    {
        var rows = RowSet.Range(0, 5000);
        var plan = new TrainingPlan(Options with { BatchSize = 256, Epochs = 3, MixingVectors = 640 }, rows, Dimension);
        using var reader = new WindowReader(new Disk(5000), plan);
        foreach (long step in (long[])[33, 34, 50])
        {
            var wanted = new long[100];
            plan.RowsOf(step, wanted, 50);
            var found = new float[100 * Dimension];
            reader.Read(step, 50, found);
            Assert.Equal(wanted, found.Chunk(Dimension).Select(vector => (long)vector[0]));
        }
    }

    [Fact]
    public void A_training_has_the_same_bytes_by_windows_and_row_by_row()
    {
        var disk = new Disk(3000);
        var options = Options with { Epochs = 2, MixingVectors = 512 };
        long before = FastPaths.Count(FastPath.WindowBatch);
        using var windows = Train(disk, options);
        // 24 steps a pass.
        Assert.Equal(before + 48, FastPaths.Count(FastPath.WindowBatch));
        using var rows = Train(new Memory(disk), options);
        Assert.Equal(before + 48, FastPaths.Count(FastPath.WindowBatch));
        foreach (var (name, parameter) in windows.Autoencoder.StoredParameters)
            Assert.Equal(parameter.bytes.ToArray(), rows.Autoencoder.StoredParameters.First(pair => pair.Key == name).Value.bytes.ToArray());
        Assert.Equal(windows.Report.Train.Loss, rows.Report.Train.Loss);
    }

    [Fact]
    public void What_cannot_be_read_ends_the_training_with_its_reason()
    {
        var disk = new Disk(3000) { FailsAt = 1500 };
        var failure = Assert.Throws<FoveaException>(() => Train(disk, Options with { MixingVectors = 512 }));
        Assert.Contains("disk is gone", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_window_that_is_too_large_for_memory_is_read_row_by_row()
    {
        var plan = new TrainingPlan(Options with { MixingVectors = int.MaxValue }, RowSet.Range(0, 1L << 30), Dimension);
        Assert.False(WindowReader.Serves(new Disk(1L << 30), plan));
        Assert.True(WindowReader.Serves(new Disk(1L << 30), new TrainingPlan(Options, RowSet.Range(0, 1L << 30), Dimension)));
        Assert.False(WindowReader.Serves(new Memory(new Disk(100)), new TrainingPlan(Options, RowSet.Range(0, 100), Dimension)));
    }

    private static AutoencoderOptions Options => Sae.TopK(2) with { LatentSize = 8, BatchSize = 128, Epochs = 1, Seed = 4 };

    private static TrainedAutoencoder Train(IVectorSource source, AutoencoderOptions options) => AutoencoderTrainer.Train(
        options, source, RowSet.Range(0, source.Count), RowSet.Empty, cancellation: TestContext.Current.CancellationToken);

    /// <summary>Vectors whose first number is their row.</summary>
    private sealed class Disk(long count) : IVectorSource
    {
        private readonly HashSet<long> _said = [];
        private long _rows;

        public long Rows => _rows;

        public int LongestRun { get; private set; }

        public int Surprises { get; private set; }

        public long? FailsAt { get; init; }

        public int Dimension => WindowReaderTests.Dimension;

        public long Count => count;

        public bool IsOnDisk => true;

        public string Identity => "rows";

        public void Expect(ReadOnlySpan<long> rows)
        {
            lock (_said)
            {
                foreach (long row in rows) _said.Add(row);
            }
        }

        public void Read(ReadOnlySpan<long> rows, Span<float> destination)
        {
            lock (_said)
            {
                _rows += rows.Length;
                LongestRun = Math.Max(LongestRun, rows.Length);
                for (int i = 0; i < rows.Length; i++)
                {
                    if (rows[i] == FailsAt && _said.Contains(rows[i])) throw FoveaException.BadData("the disk is gone");
                    if (!_said.Contains(rows[i])) Surprises++;
                    for (int d = 0; d < Dimension; d++) destination[i * Dimension + d] = d == 0 ? rows[i] : (float)Math.Sin(rows[i] * (d + 1.7));
                }
            }
        }
    }

    private sealed class Memory(IVectorSource inner) : IVectorSource
    {
        public int Dimension => inner.Dimension;

        public long Count => inner.Count;

        public string? Identity => inner.Identity;

        public void Read(ReadOnlySpan<long> rows, Span<float> destination) => inner.Read(rows, destination);
    }
}
