using System.Collections.Generic;
using System.Linq;
using System.Numerics;

namespace SystemRdl;

/// <summary>
/// How a driver writes one field and leaves the register's others as they are: it writes the whole register, with <see cref="Kept"/> as read
/// before and ones in <see cref="Neutral"/>.
/// </summary>
/// <param name="Kept">Bits to be read and written back.</param>
/// <param name="Neutral">Bits to which a one is nothing and a zero something.</param>
/// <param name="Disturbed">The fields that such an access would change all the same; where there are any, the whole register is to be written.</param>
public sealed record FieldUpdate(BigInteger Kept, BigInteger Neutral, IReadOnlyList<Field> Disturbed)
{
    public static FieldUpdate Of(Register register, Field field)
    {
        // To a pulse a written zero is nothing.
        var others = register.Fields.Where(f => f != field && f.IsSoftwareWritable && !f.IsSinglePulse).ToList();
        var kept = others.Where(f => f.OnWrite == WriteEffect.None && f.SoftwareAccess == Access.ReadWrite).ToList();
        var neutral = others.Where(f => f.OnWrite is WriteEffect.ZeroClears or WriteEffect.ZeroSets or WriteEffect.ZeroToggles).ToList();
        var lost = others.Except(kept).Except(neutral)
            .Where(f => f.OnWrite is not (WriteEffect.OneClears or WriteEffect.OneSets or WriteEffect.OneToggles));
        var disturbed = kept.Count == 0 ? [] : register.Fields.Where(f => f.OnRead != ReadEffect.None);
        return new FieldUpdate(Mask(kept), Mask(neutral), lost.Concat(disturbed).Distinct().ToList());
    }

    private static BigInteger Mask(IEnumerable<Field> fields) => fields.Aggregate(BigInteger.Zero, (mask, f) => mask | f.Mask);
}
