using Fovea.Distributed;

namespace Fovea.Dictionaries.Kernels;

/// <summary>
/// What a variant adds to <see cref="SparseStep"/>: which pre-activations become entries, what code an entry has and what the loss thinks
/// of it. A rule says by formulas over entries what the variant's dense form says by tensors; the tests hold one against the other.
/// </summary>
internal abstract unsafe class StepRule : IDisposable
{
    /// <summary>
    /// Names of the variant's own parameters, <c>[n]</c> each, that entries give gradients to. The encoder's bias may be among them: where
    /// codes depend on it otherwise than through z, entries say by how much.
    /// </summary>
    public virtual IReadOnlyList<string> OwnParameters => [];

    /// <summary>Decoder rows are kept at length 1 (and their gradients across it).</summary>
    public virtual bool UnitDecoder => true;

    /// <summary>
    /// How many nested reconstructions training minimises: reconstruction s is made of the entries of slots 0 … s. A row's entries are
    /// ordered by slot.
    /// </summary>
    public virtual int Slots => 1;

    /// <summary>The reconstruction that is the autoencoder's own; the others are auxiliary.</summary>
    public virtual int MainSlot => Slots - 1;

    /// <summary>
    /// The weight of the reconstruction of slots 0 … <paramref name="slot"/> in the objective; 1 for <see cref="MainSlot"/>.
    /// </summary>
    public virtual float SlotWeight(int slot) => 1;

    /// <summary>The slots of a row's entries, ascending; only asked where there are several.</summary>
    public virtual void AssignSlots(in EntryRow row, byte* slots) => new Span<byte>(slots, row.Count).Clear();

    /// <summary>Least value of the own parameters, kept after each step.</summary>
    public virtual float OwnParameterMinimum => float.NegativeInfinity;

    /// <summary>How many entries a row has at most where <see cref="Select"/> uses the stripes' maxima; 0 where it does not.</summary>
    public virtual int StripedSelection => 0;

    /// <summary>Who has the rows of a batch, where several do: what is chosen over a whole batch is chosen over all of theirs.</summary>
    public IRanks Ranks { get; set; } = SingleRank.Instance;

    /// <summary>Called before a batch is encoded.</summary>
    /// <param name="parameters">The parameters as they are now.</param>
    /// <param name="rows">B, on all ranks.</param>
    /// <param name="training">False: the selection of inference.</param>
    /// <param name="sparsityScale">Factor of the penalty.</param>
    /// <param name="step">The number of this step, from 1; without meaning at inference.</param>
    public virtual void Begin(StepParameters parameters, int rows, bool training, double sparsityScale, long step)
    {
    }

    /// <summary>The entries of a row, by ascending latent. Called from many threads.</summary>
    /// <returns>Their number; latents and pre-activations have room for all of n.</returns>
    public abstract int Select(in ScoredRow row, int* latents, float* pre);

    /// <summary>Looks at the entries of the whole batch and may drop some.</summary>
    /// <returns>False: the selection was too narrow and is to be made again.</returns>
    public virtual bool Complete(SparseEntries entries) => true;

    /// <summary>
    /// Codes of a row's entries, at training or inference as <see cref="Begin"/> said; f = z unless a variant says otherwise.
    /// </summary>
    public virtual void Codes(in EntryRow row) => new ReadOnlySpan<float>(row.Pre, row.Count).CopyTo(new Span<float>(row.Code, row.Count));

    /// <summary>What a row adds to the objective besides its own reconstruction and penalty, in training; its slopes are the rule's to keep
    /// until
    /// <see cref="Gradients"/>, in <see cref="EntryRow.Own"/> for instance. It may not give gradients to the decoder.</summary>
    /// <param name="row">With codes.</param>
    /// <param name="centred">x − b_dec, <c>[d]</c>.</param>
    /// <param name="scratch">Room for d numbers.</param>
    /// <returns>The term of this row: their mean is the batch's.</returns>
    public virtual double Auxiliary(in EntryRow row, float* centred, float* scratch) => 0;

    /// <summary>
    /// Turns ∂L/∂f of the reconstruction, which <see cref="EntryRow.Gradient"/> holds, into ∂L/∂z in place and fills
    /// <see cref="EntryRow.Own"/>; where f = z and nothing else is minimised they are the same.
    /// </summary>
    public virtual void Gradients(in EntryRow row)
    {
    }

    /// <summary>The row's penalty at full strength: coefficient included, warm-up not.</summary>
    public virtual double Penalty(in EntryRow row) => 0;

    /// <summary>Frees what the rule keeps.</summary>
    public virtual void Dispose()
    {
    }
}

/// <summary>The pre-activations of one row, <c>[Length]</c> with padding of minus infinity, and their stripes' maxima, <c>[Stripes]</c>:
/// of one lane of <see cref="StripePanels"/> panels each.</summary>
internal readonly unsafe struct ScoredRow(float* z, int length, float* maxima, int stripes, int stripePanels)
{
    public readonly float* Z = z, Maxima = maxima;

    public readonly int Length = length, Stripes = stripes, StripePanels = stripePanels;
}

/// <summary>The entries of one row.</summary>
internal readonly unsafe struct EntryRow(SparseEntries entries, int row)
{
    private readonly SparseEntries _entries = entries;
    private readonly long _first = entries.RowStart[row];

    public readonly int Count = (int)(entries.RowStart[row + 1] - entries.RowStart[row]);

    /// <summary>Each latent at most once; ascending within a slot.</summary>
    public int* Latent => _entries.Latent + _first;

    /// <summary>The nested reconstruction that an entry first appears in.</summary>
    public byte* Slot => _entries.Slot + _first;

    /// <summary>z.</summary>
    public float* Pre => _entries.Pre + _first;

    /// <summary>f.</summary>
    public float* Code => _entries.Code + _first;

    /// <summary>First ∂L/∂f, then ∂L/∂z.</summary>
    public float* Gradient => _entries.Gradient + _first;

    /// <summary>The gradients for own parameter number <paramref name="number"/>.</summary>
    public float* Own(int number) => _entries.Own(number) + _first;
}
