//! Codes as version 1 of the format writes them. Nobody edits these to make a test pass: another encoding is another
//! [`PREFIX`].

#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::tests::{NONCE, NOW, anna, content, envelope, issuers, key};
use super::*;

const ED_DSA: &str = "SKD1:PWGSLK/-4*Q8QPKQ%O-8BV%KUJD56A2N82OA61ACMADF36S0ICODF3FK0A36U7A0FD7WE1$CA44.FF6$CH448UC100000XQG.FKTK06U0H/DC$D5$CN44:.DRZCG7BKEWHQ4JH1DL0$2GMJOH95WPJPF2GSTD$LHGDA/4WKUN-J.Z1L8AOG3OIT QDNZP%4UDJN6IU8MV5EH::QX83HV5RZJRLLD4SK69L$D.E9LNH$G8WYHY 227BQECLBSRDOWA2OHI.IDG7N0FT5VT%-R:FK+O98LH:A3R 22WRIY95MJ+9FEUU1DI*.JLTU$-9J307FKPM7RWFDHRMQKEJ89V5";
const ES256: &str = "SKD1:PWGSLKC 4*Q8QPKQ%O-ABV%KUJD56A2N82OA61ACMADF36S0ICODF3FK0A36U7A0FD7WE1$CA44.FF6$CH448UC100000XQG.FKTK06U0H/DC$D5$CN44:.DRZCG9B33WHQ4JH1DL0$2GMJOH95WPJOF2GSTD$LHGDA/4WKUN-J.Z1L8AOG3OIT QDNZP%4UDJN6IU8MV5EH::QX83HV5RZJJ555CKZHISEG-T7AC8DFOU0NV527IST%CY K 0R.SR91IHMU9AJ 44WVJECHP324VD4GJ8.I.7F*Q8+P6J4HZD8*%4J:P1BRU5KKF6XW0XU2APD16DHGLGA97F044JAZ47P6QI294EF*QGCSWJIEUFHYEC$6SYTSGE27B08DP76H1I814K:16J5VGOU2G19V5:PY$T24W1YQTTR:HPDEO:KB$4OSG1:141CS3PR*6GV-4 WM9S0RPRMCG*$R2$VK121JQ";

#[test]
fn the_format_stays_what_it_was() {
    for (algorithm, travellers, goods, golden) in [
        (Algorithm::EdDsa, 1, 0, ED_DSA),
        (Algorithm::Es256, 2, 3, ES256),
    ] {
        let (key, content) = (key(algorithm), content(travellers, goods));
        assert_eq!(seal(&content, &envelope(), NONCE, &key).unwrap(), golden);
        let opened = read(golden, &issuers(&key), NOW)
            .unwrap()
            .open(&anna())
            .unwrap();
        assert_eq!(*opened.content(), content);
    }
}
